using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Timing;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.PubSub;

/// <summary>One event of a publish, before it is wrapped.</summary>
internal readonly record struct PublishedEvent(ReadOnlyMemory<byte> Data, string? ContentType, IReadOnlyDictionary<string, string>? Metadata);

/// <summary>Publishing for one app, the same for HTTP and gRPC.</summary>
internal sealed class PublishApi(VirtualSidecar sidecar, SubscriptionSet subscriptions)
{
    // As far as Go counts in nanoseconds.
    private const long MostSeconds = long.MaxValue / 1_000_000_000;

    internal ApiError? Find(string pubsub, string topic, IReadOnlyDictionary<string, string>? metadata, out PubSubComponent component)
    {
        component = null!;
        if (pubsub.Length == 0) return PublishErrors.NameEmpty;
        if (!subscriptions.Components.TryGetValue(pubsub, out component!)) return PublishErrors.NotFound(pubsub, metadata);
        return topic.Length == 0 ? PublishErrors.TopicEmpty(pubsub) : null;
    }

    internal CallerTrace TraceOf(string parent, string state) => CallerTrace.Of(parent, state, sidecar.Resources.Configuration.SamplingRate);

    /// <summary>The trace of one event of a bulk publish.</summary>
    internal CallerTrace OneOf(CallerTrace call) => call.Child(sidecar.Resources.Configuration.SamplingRate);

    internal bool Sampled => sidecar.Resources.Configuration.SamplingRate > 0;

    internal static ApiError? IsRaw(PubSubComponent component, IReadOnlyDictionary<string, string>? metadata, out bool raw)
    {
        var said = Truth.Read(metadata?.GetValueOrDefault("rawPayload"));
        raw = said == true;
        return said is null ? PublishErrors.RawPayload(component.Name, metadata!) : null;
    }

    /// <summary>Wraps one event; the message to store, or null with the reason.</summary>
    internal Message? Wrap(PubSubComponent component, string topic, in PublishedEvent published, bool raw, in CallerTrace trace, out ApiError? error)
    {
        error = null;
        if (raw) return new Message(published.Data.ToArray(), published.Metadata);
        var now = sidecar.Runtime.Time.GetUtcNow();
        var context = new PublishContext(sidecar.AppId, component.Name, topic)
        {
            ContentType = published.ContentType,
            Metadata = published.Metadata,
            TraceParent = trace.Parent,
            TraceState = trace.State,
            Now = now,
            Expires = Lifetime(published.Metadata) is { } lifetime ? now + lifetime : null,
        };
        var message = Envelope.IsCloudEvent(published.ContentType) ? ReadyEvent.Complete(context, published.Data.Span) : Envelope.Wrap(context, published.Data.Span);
        if (message is not null) return message;
        error = PublishErrors.CloudEvent(component.Name, sidecar.AppId, ReadyEvent.Fault(published.Data));
        return null;
    }

    internal async Task<ApiError?> StoreAsync(PubSubComponent component, string topic, IReadOnlyList<Message> messages)
    {
        if (!component.Scopes.MayPublish(topic)) return PublishErrors.Forbidden(component.Name, topic, sidecar.AppId);
        if (messages.Count == 0) return null;
        try
        {
            await component.Guard.WriteAsync(() => component.Broker.PublishAsync(topic, messages)).ConfigureAwait(false);
            return null;
        }
        catch (StorageException fault)
        {
            return PublishErrors.Publish(component.Name, topic, fault.Message);
        }
    }

    /// <summary>Whole seconds, or a duration as Go writes one. Anything else, and a count below zero, is no limit.</summary>
    private static TimeSpan? Lifetime(IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || (Value("ttl") ?? Value("ttlInSeconds")) is not { } text) return null;
        if (Durations.TryGo(text, out var duration)) return duration > TimeSpan.Zero ? duration : TimeSpan.Zero;
        return long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, null, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, MostSeconds)) : null;

        string? Value(string name)
        {
            foreach (var (key, value) in metadata) if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) return value;
            return null;
        }
    }
}
