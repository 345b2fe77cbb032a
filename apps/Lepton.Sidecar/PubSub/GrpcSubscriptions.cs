using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>Asks an app that speaks gRPC what it subscribes to. One that does not serve the question subscribes to nothing.</summary>
internal static class GrpcSubscriptions
{
    private const int MostRetries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What the app tells; null when it does not tell it.</summary>
    internal static async Task<List<Subscription>?> ReadAsync(VirtualSidecar sidecar, CancellationToken stop)
    {
        if (sidecar.Options.DisabledQuestions.Contains("subscribe")) return [];
        for (var refused = 0; ;)
        {
            try
            {
                var (answer, _) = await sidecar.App.CallAsync(AppMethods.ListTopicSubscriptions, new Empty(), [], stop).ConfigureAwait(false);
                return [.. answer.Subscriptions.Where(s => s.PubsubName.Length > 0 && s.Topic.Length > 0).Select(Read)];
            }
            catch (RpcException fault) when (fault.StatusCode == StatusCode.Unimplemented)
            {
                return [];
            }
            catch (RpcException fault) when (fault.StatusCode == StatusCode.Unavailable || refused++ < MostRetries)
            {
                await Task.Delay(Pause, sidecar.Runtime.Time, stop).ConfigureAwait(false);
            }
            catch (RpcException fault)
            {
                sidecar.Runtime.Log($"{sidecar.AppId}: the app answered {fault.StatusCode} '{fault.Status.Detail}' to ListTopicSubscriptions");
                return null;
            }
        }
    }

    private static Subscription Read(TopicSubscription told)
    {
        var rules = new List<RouteRule>();
        foreach (var rule in told.Routes?.Rules ?? []) rules.Add(new RouteRule(rule.Match, rule.Path));
        // Without any route all events come, with an empty path.
        if (told.Routes is { Default.Length: > 0 } or null || rules.Count == 0) rules.Add(new RouteRule("", told.Routes?.Default ?? ""));
        return new Subscription(told.PubsubName, told.Topic, SubscriptionKind.Programmatic)
        {
            Rules = rules,
            DeadLetterTopic = told.DeadLetterTopic,
            Metadata = new Dictionary<string, string>(told.Metadata),
            Bulk = told.BulkSubscribe is { Enabled: true } bulk
                ? new BulkSubscribe(
                    bulk.MaxMessagesCount > 0 ? bulk.MaxMessagesCount : Subscription.DefaultBulkMessages,
                    bulk.MaxAwaitDurationMs > 0 ? TimeSpan.FromMilliseconds(bulk.MaxAwaitDurationMs) : Subscription.DefaultBulkAwait)
                : null,
        };
    }
}
