using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Lepton.Sidecar.Hosting;

/// <summary>The way to the app: HTTP or gRPC calls with the app token, and whether its port answers.</summary>
internal sealed class AppChannel : IDisposable
{
    private const string Agent = "Go-http-client/1.1";
    private static readonly TimeSpan DialPause = TimeSpan.FromMilliseconds(100);
    private readonly SidecarOptions options;
    private readonly HttpMessageInvoker client;
    private readonly SemaphoreSlim? slots;
    private readonly string root;
    private readonly Lazy<GrpcChannel> grpc;

    internal AppChannel(SidecarOptions options)
    {
        this.options = options;
        if (options.AppMaxConcurrency > 0) slots = new SemaphoreSlim(options.AppMaxConcurrency);
        var secure = options.AppProtocol is "https" or "grpcs";
        root = $"{(secure ? "https" : "http")}://{options.AppChannelAddress}:{options.AppPort}";
        Address = new Uri(root);
        client = new HttpMessageInvoker(AppHandler.CreateForApp());
        grpc = new Lazy<GrpcChannel>(() => GrpcChannel.ForAddress(Address, new GrpcChannelOptions
        {
            HttpHandler = AppHandler.CreateForApp(),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = (int)options.MaxBodySize,
            MaxSendMessageSize = null,
            ThrowOperationCanceledOnCancellation = true,
        }));
    }

    internal bool Exists => options.AppPort > 0;

    internal bool IsGrpc => options.AppProtocol is "grpc" or "grpcs";

    internal Uri Address { get; }

    /// <summary>A request for the app. <paramref name="path"/> begins with a slash and goes out as it stands.</summary>
    internal HttpRequestMessage Request(HttpMethod method, string path) => new(method, new Uri(root + path, AsItStands))
    {
        Version = IsGrpc || options.AppProtocol == "h2c" ? new Version(2, 0) : new Version(1, 1),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Sends with the app token; completes when the answer's headers are there.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        if (options.AppToken is { } token)
        {
            request.Headers.Remove("dapr-api-token");
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        }
        // What apps behind daprd see where no caller names itself.
        if (!request.Headers.NonValidated.Contains("User-Agent")) request.Headers.TryAddWithoutValidation("User-Agent", Agent);
        if (slots is null) return await client.SendAsync(request, stop).ConfigureAwait(false);
        await slots.WaitAsync(stop).ConfigureAwait(false);
        try { return await client.SendAsync(request, stop).ConfigureAwait(false); }
        finally { slots.Release(); }
    }

    /// <summary>Calls a method of <see cref="AppMethods"/> with the app token; the answer with the headers it came with.</summary>
    /// <exception cref="RpcException">The app failed, does not serve the method (Unimplemented) or is not there (Unavailable).</exception>
    internal async Task<(TResponse Answer, Metadata Headers)> CallAsync<TRequest, TResponse>(Method<TRequest, TResponse> method, TRequest request, Metadata metadata, CancellationToken stop)
        where TRequest : class where TResponse : class
    {
        if (options.AppToken is { } token) metadata.Add("dapr-api-token", token);
        if (slots is not null) await slots.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            using var call = grpc.Value.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(metadata, cancellationToken: stop), request);
            return (await call.ResponseAsync.ConfigureAwait(false), await call.ResponseHeadersAsync.ConfigureAwait(false));
        }
        finally
        {
            slots?.Release();
        }
    }

    /// <summary>Asks whether the app is well: without a token, and past the limit of calls at once.</summary>
    internal async Task<bool> ProbeAsync(string path, CancellationToken stop)
    {
        if (IsGrpc)
        {
            using var call = grpc.Value.CreateCallInvoker().AsyncUnaryCall(AppMethods.HealthCheck, null, new CallOptions(cancellationToken: stop), new Empty());
            await call.ResponseAsync.ConfigureAwait(false);
            return true;
        }
        using var request = Request(HttpMethod.Get, path.StartsWith('/') ? path : "/" + path);
        request.Headers.TryAddWithoutValidation("User-Agent", Agent);
        using var answer = await client.SendAsync(request, stop).ConfigureAwait(false);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Nobody listens on the app's port.</summary>
    internal static bool IsAway(Exception fault) => fault switch
    {
        SocketException socket => socket.SocketErrorCode == SocketError.ConnectionRefused,
        RpcException rpc => rpc.StatusCode == StatusCode.Unavailable && rpc.Status.DebugException is { } cause && IsAway(cause),
        _ => fault.InnerException is { } inner && IsAway(inner),
    };

    /// <summary>Waits until the app's port takes a connection.</summary>
    internal async Task DialAsync(CancellationToken stop)
    {
        while (!await AnswersAsync(stop).ConfigureAwait(false)) await Task.Delay(DialPause, stop).ConfigureAwait(false);
    }

    internal Task<bool> AnswersAsync(CancellationToken stop) => AnswersAsync(options.AppChannelAddress, options.AppPort, stop);

    internal static async Task<bool> AnswersAsync(string host, int port, CancellationToken stop)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(500);
        try
        {
            await socket.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault) when (fault is SocketException || !stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private static readonly UriCreationOptions AsItStands = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public void Dispose()
    {
        client.Dispose();
        if (grpc.IsValueCreated) grpc.Value.Dispose();
        slots?.Dispose();
    }
}
