using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Invocation;

/// <summary>Whom an invocation reaches: an app of this run, one of another host on this machine, an HTTPEndpoint, or an address. A refusal says why none.</summary>
internal sealed class Target
{
    internal const string NoHost = "no host found with the given ID";

    /// <summary>What stands before a refusal that came from the callee's sidecar.</summary>
    internal const string Internal = "rpc error: code = Internal desc = ";

    /// <summary>What a callee's sidecar says before the cause when its app could not be called.</summary>
    internal const string ChannelFailed = "error invoking app channel: ";

    private Target(string id) => Id = id;

    internal string Id { get; }

    internal VirtualSidecar? Sidecar { get; private init; }

    internal Link? Link { get; private init; }

    /// <summary>The other hosts, when the app is one of theirs.</summary>
    internal Peers? Peers { get; private init; }

    /// <summary>The app speaks gRPC.</summary>
    internal bool IsGrpc { get; private init; }

    /// <summary>What stands before the path.</summary>
    internal string Root { get; private init; } = "";

    internal string? Refusal { get; private init; }

    /// <summary>Another app than the caller's own is told who calls.</summary>
    internal bool IsRemoteTo(VirtualSidecar caller) => Link is null && Sidecar != caller;

    internal static Target Find(VirtualSidecar caller, Invoker invoker, string id)
    {
        if (id.Length == 0) return new(id) { Refusal = "app id is empty" };
        if (id == caller.AppId) return Local(caller, id, own: true);
        if (invoker.Links.TryGetValue(id, out var link)) return new(id) { Link = link, Root = link.Endpoint.BaseUrl };
        if (id.Contains("://", StringComparison.Ordinal))
        {
            return id.StartsWith("http://", StringComparison.Ordinal) || id.StartsWith("https://", StringComparison.Ordinal)
                ? new(id) { Link = invoker.LinkTo(new HttpEndpoint(id, id.TrimEnd('/'), [])), Root = id.TrimEnd('/') }
                : new(id) { Refusal = $"invalid app id {id}" };
        }
        var parts = id.Split('.');
        if (caller.Runtime.Sidecars.TryGetValue(id, out var callee)) return Local(callee, id, own: false);
        if (parts.Length > 2) return new(id) { Refusal = $"invalid app id {id}" };
        if (parts.Length == 2 && parts[0] == caller.AppId) return Local(caller, parts[0], own: true);
        if (parts.Length == 2 && caller.Runtime.Sidecars.TryGetValue(parts[0], out callee)) return Local(callee, parts[0], own: false);
        return caller.Runtime.Peers is { } peers && peers.Find(parts[0]) is { } peer
            ? new(parts[0]) { Peers = peers, IsGrpc = peer.IsGrpc }
            : new(id) { Refusal = NoHost };
    }

    private static Target Local(VirtualSidecar callee, string id, bool own) => new(id)
    {
        Sidecar = callee,
        IsGrpc = callee.App.IsGrpc,
        Refusal = RefusalOf(callee, own),
    };

    /// <summary>Why an app cannot be called now; null when it can.</summary>
    internal static string? RefusalOf(VirtualSidecar callee, bool own) =>
        (callee.App.Exists, own, callee.State.Healthy || callee.Options.AppHealth is null) switch
        {
            (false, true, _) => "cannot invoke local endpoint: app channel not initialized",
            (false, false, _) => Internal + "app channel is not initialized",
            (true, true, false) => Internal + "app is not in a healthy state",
            (true, false, false) => $"{Internal}{ChannelFailed}{Internal}app is not in a healthy state",
            _ => null,
        };
}
