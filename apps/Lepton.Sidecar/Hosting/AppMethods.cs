using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Grpc;

namespace Lepton.Sidecar.Hosting;

/// <summary>The methods that an app which speaks gRPC serves to its sidecar; <see cref="AppChannel.CallAsync"/> calls them.</summary>
internal static class AppMethods
{
    private const string Stable = "dapr.proto.runtime.v1.AppCallback";
    private const string Alpha = "dapr.proto.runtime.v1.AppCallbackAlpha";

    internal static readonly Method<InvokeRequest, InvokeResponse> OnInvoke = Unary<InvokeRequest, InvokeResponse>(Stable, "OnInvoke");

    internal static readonly Method<Empty, ListTopicSubscriptionsResponse> ListTopicSubscriptions = Unary<Empty, ListTopicSubscriptionsResponse>(Stable, "ListTopicSubscriptions");

    internal static readonly Method<TopicEventRequest, TopicEventResponse> OnTopicEvent = Unary<TopicEventRequest, TopicEventResponse>(Stable, "OnTopicEvent");

    internal static readonly Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEvent = Unary<TopicEventBulkRequest, TopicEventBulkResponse>(Stable, "OnBulkTopicEvent");

    internal static readonly Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEventAlpha1 = Unary<TopicEventBulkRequest, TopicEventBulkResponse>(Alpha, "OnBulkTopicEventAlpha1");

    internal static readonly Method<Empty, ListInputBindingsResponse> ListInputBindings = Unary<Empty, ListInputBindingsResponse>(Stable, "ListInputBindings");

    internal static readonly Method<BindingEventRequest, BindingEventResponse> OnBindingEvent = Unary<BindingEventRequest, BindingEventResponse>(Stable, "OnBindingEvent");

    internal static readonly Method<JobEventRequest, JobEventResponse> OnJobEvent = Unary<JobEventRequest, JobEventResponse>(Stable, "OnJobEvent");

    internal static readonly Method<JobEventRequest, JobEventResponse> OnJobEventAlpha1 = Unary<JobEventRequest, JobEventResponse>(Alpha, "OnJobEventAlpha1");

    internal static readonly Method<Empty, HealthCheckResponse> HealthCheck = Unary<Empty, HealthCheckResponse>("dapr.proto.runtime.v1.AppCallbackHealthCheck", "HealthCheck");

    /// <summary>Adds what can travel as gRPC metadata: a name of lower-case ASCII letters, digits and `-_.`, a value of printable ASCII.</summary>
    internal static void AddText(this Metadata metadata, string name, string value)
    {
        name = name.ToLowerInvariant();
        if (name.Length == 0 || name.EndsWith("-bin", StringComparison.Ordinal) || name.StartsWith("grpc-", StringComparison.Ordinal)) return;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) return;
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~')) return;
        metadata.Add(name, value);
    }

    private static Method<TRequest, TResponse> Unary<TRequest, TResponse>(string service, string name)
        where TRequest : class, IMessage<TRequest>, new() where TResponse : class, IMessage<TResponse>, new() =>
        new(MethodType.Unary, service, name, GrpcMarshaller<TRequest>.Instance, GrpcMarshaller<TResponse>.Instance);
}
