using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Lepton.Sidecar.Bindings;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Health;

/// <summary>What a sidecar says of itself.</summary>
internal static class SidecarMetadata
{
    /// <summary>The Dapr version whose behaviour is followed, then our own: clients compare the first part.</summary>
    internal const string Version = "1.18.3";

    internal static GetMetadataResponse Of(VirtualSidecar sidecar)
    {
        var metadata = new GetMetadataResponse
        {
            Id = sidecar.AppId,
            RuntimeVersion = Version,
            AppConnectionProperties = App(sidecar.Options),
            ActorRuntime = Actors(sidecar),
            Scheduler = new MetadataScheduler { ConnectedAddresses = { "embedded" } },
            Workflows = new MetadataWorkflows { ConnectedWorkers = sidecar.ConnectedWorkers() },
        };
        metadata.EnabledFeatures.Add(sidecar.Resources.Configuration.Features);
        foreach (var component in sidecar.Resources.Components.Values)
        {
            var registered = new RegisteredComponents { Name = component.Name, Type = component.Type, Version = component.Version };
            registered.Capabilities.Add(Capabilities(component));
            metadata.RegisteredComponents.Add(registered);
        }
        foreach (var (key, value) in sidecar.Extended) metadata.ExtendedMetadata[key] = value;
        metadata.ExtendedMetadata["daprRuntimeVersion"] = Version;
        foreach (var subscription in sidecar.SubscriptionList()) metadata.Subscriptions.Add(Subscribed(subscription));
        foreach (var endpoint in sidecar.Resources.Endpoints.Keys) metadata.HttpEndpoints.Add(new MetadataHTTPEndpoint { Name = endpoint });
        return WithResiliencies(metadata, sidecar);
    }

    /// <summary>The hosted types with their active actors, workflows' own among them; nothing is known of them before the app was asked.</summary>
    private static ActorRuntime Actors(VirtualSidecar sidecar)
    {
        if (!sidecar.Actors.Registered) return new ActorRuntime { RuntimeStatus = ActorRuntime.Types.ActorRuntimeStatus.Initializing };
        var runtime = new ActorRuntime { RuntimeStatus = ActorRuntime.Types.ActorRuntimeStatus.Running, HostReady = true, Placement = "placement: connected" };
        foreach (var (type, count) in sidecar.ActiveActors()) runtime.ActiveActors.Add(new ActiveActorsCount { Type = type, Count = count });
        if (sidecar.ConnectedWorkers() == 0) return runtime;
        foreach (var (kind, count) in (ReadOnlySpan<(string, int)>)[("workflow", sidecar.Workflows.OpenInstances), ("activity", sidecar.Workflows.OpenActivities), ("retentioner", 0)])
            runtime.ActiveActors.Add(new ActiveActorsCount { Type = $"dapr.internal.{VirtualSidecar.Namespace}.{sidecar.AppId}.{kind}", Count = count });
        return runtime;
    }

    /// <summary>Field 15 (`repeated {string name = 1}`) is newer than the messages we have: it is written as bytes, which the message keeps as an unknown field.</summary>
    private static GetMetadataResponse WithResiliencies(GetMetadataResponse metadata, VirtualSidecar sidecar)
    {
        foreach (var resiliency in sidecar.Resources.Resiliencies)
        {
            var named = new MetadataHTTPEndpoint { Name = resiliency.Name }.ToByteString();
            var bytes = new byte[named.Length + 8];
            using var output = new CodedOutputStream(bytes);
            output.WriteTag(15, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(named);
            output.Flush();
            metadata.MergeFrom(bytes.AsSpan(0, (int)output.Position).ToArray());
        }
        return metadata;
    }

    private static string[] Capabilities(Component component) => component.Family switch
    {
        "state" when component.InMemory => ["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE", "ACTOR"],
        "state" => ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE", "ACTOR"],
        "bindings" => BindingSet.Capabilities(component),
        "secretstores" when component.Type == "secretstores.local.file" && component.Says("multiValued") => ["MULTIPLE_KEY_VALUES_PER_SECRET"],
        "pubsub" when component.InMemory || component.Type == "pubsub.mqtt3" => ["SUBSCRIBE_WILDCARDS"],
        "pubsub" when component.Type == "pubsub.rabbitmq" => ["MESSAGE_TTL"],
        _ => [],
    };

    private static PubsubSubscription Subscribed(Subscription subscription)
    {
        var message = new PubsubSubscription
        {
            PubsubName = subscription.PubSub,
            Topic = subscription.Topic,
            DeadLetterTopic = subscription.DeadLetterTopic,
            Type = subscription.Kind switch
            {
                SubscriptionKind.Declarative => PubsubSubscriptionType.Declarative,
                SubscriptionKind.Programmatic => PubsubSubscriptionType.Programmatic,
                _ => PubsubSubscriptionType.Streaming,
            },
        };
        foreach (var (key, value) in subscription.Metadata) message.Metadata[key] = value;
        message.Rules = new PubsubSubscriptionRules();
        foreach (var rule in subscription.Rules) message.Rules.Rules.Add(new PubsubSubscriptionRule { Match = rule.Match, Path = rule.Path });
        return message;
    }

    private static AppConnectionProperties App(SidecarOptions options)
    {
        var app = new AppConnectionProperties { Port = options.AppPort, Protocol = options.AppProtocol, ChannelAddress = options.AppChannelAddress };
        if (options.AppMaxConcurrency > 0) app.MaxConcurrency = options.AppMaxConcurrency;
        if (options.AppHealth is { } health)
        {
            app.Health = new AppConnectionHealthProperties
            {
                HealthCheckPath = options.AppProtocol is "grpc" or "grpcs" ? "" : health.Path,
                HealthProbeInterval = Durations.Go(health.Interval),
                HealthProbeTimeout = Durations.Go(health.Timeout),
                HealthThreshold = health.Threshold,
            };
        }
        return app;
    }
}
