using System.Net.Http.Headers;
using Dapr.Client;
using Lepton.Workflows;
using Lepton.Workflows.Escalation;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Lepton.Node;

/// <summary>The HttpClient to the tier above: through the sidecar, with an attempt timeout and a circuit breaker, and without any retry.</summary>
internal static class TierAboveClient
{
    public static void AddTierAbove(this IServiceCollection services, NodeSettings settings)
    {
        var client = services.AddHttpClient<TierAbove>(TierAbove.Client, http =>
        {
            http.BaseAddress = new Uri($"http://{NodeIdentity.TierAbove}/");
            http.DefaultRequestHeaders.Authorization = settings.UpToken is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        });
        client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
        client.AddResilienceHandler(TierAbove.Client, pipeline => pipeline
            .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions { FailureRatio = 0.5, MinimumThroughput = 10, SamplingDuration = TimeSpan.FromSeconds(20), BreakDuration = TimeSpan.FromSeconds(3) })
            .AddTimeout(TimeSpan.FromSeconds(20)));
        client.AddHttpMessageHandler(provider => new InvocationHandler { DaprEndpoint = DaprEndpoints.Http(provider.GetRequiredService<IConfiguration>()) });
    }
}
