using k8s.Models;

namespace Lepton.Tests.Deploy;

// Dapr's resource kinds with exactly the members they have: a strict load refuses any other.
public abstract class DaprKind
{
    public string? ApiVersion { get; set; }
    public string? Kind { get; set; }
    public V1ObjectMeta? Metadata { get; set; }
    public List<string>? Scopes { get; set; }
}

public sealed class Component : DaprKind
{
    public ComponentSpec? Spec { get; set; }
    public SecretStoreUse? Auth { get; set; }
}

public sealed class ComponentSpec
{
    public string? Type { get; set; }
    public string? Version { get; set; }
    public bool? IgnoreErrors { get; set; }
    public string? InitTimeout { get; set; }
    public List<NamedValue>? Metadata { get; set; }
}

public sealed class NamedValue
{
    public string? Name { get; set; }
    public string? Value { get; set; }
    public string? EnvRef { get; set; }
    public SecretKey? SecretKeyRef { get; set; }
}

public sealed class SecretKey
{
    public string? Name { get; set; }
    public string? Key { get; set; }
}

public sealed class SecretStoreUse
{
    public string? SecretStore { get; set; }
}

public sealed class HttpEndpoint : DaprKind
{
    public HttpEndpointSpec? Spec { get; set; }
    public SecretStoreUse? Auth { get; set; }
}

public sealed class HttpEndpointSpec
{
    public string? BaseUrl { get; set; }
    public List<NamedValue>? Headers { get; set; }
}

public sealed class Resiliency : DaprKind
{
    public ResiliencySpec? Spec { get; set; }
}

public sealed class ResiliencySpec
{
    public ResiliencyPolicies? Policies { get; set; }
    public ResiliencyTargets? Targets { get; set; }
}

public sealed class ResiliencyPolicies
{
    public Dictionary<string, string>? Timeouts { get; set; }
    public Dictionary<string, RetryPolicy>? Retries { get; set; }
}

public sealed class RetryPolicy
{
    public string? Policy { get; set; }
    public string? Duration { get; set; }
    public string? MaxInterval { get; set; }
    public int? MaxRetries { get; set; }
}

public sealed class ResiliencyTargets
{
    public Dictionary<string, TargetPolicy>? Apps { get; set; }
    public Dictionary<string, ComponentPolicy>? Components { get; set; }
}

public sealed class ComponentPolicy
{
    public TargetPolicy? Inbound { get; set; }
    public TargetPolicy? Outbound { get; set; }
}

public sealed class TargetPolicy
{
    public string? Timeout { get; set; }
    public string? Retry { get; set; }
    public string? CircuitBreaker { get; set; }
}

public sealed class Configuration : DaprKind
{
    public ConfigurationSpec? Spec { get; set; }
}

public sealed class ConfigurationSpec
{
    public Tracing? Tracing { get; set; }
    public List<Feature>? Features { get; set; }
    public WorkflowSpec? Workflow { get; set; }
}

public sealed class WorkflowSpec
{
    public StateRetentionPolicy? StateRetentionPolicy { get; set; }
}

public sealed class StateRetentionPolicy
{
    public string? AnyTerminal { get; set; }
}

public sealed class Tracing
{
    public string? SamplingRate { get; set; }
}

public sealed class Feature
{
    public string? Name { get; set; }
    public bool? Enabled { get; set; }
}

public sealed class Kustomization
{
    public string? ApiVersion { get; set; }
    public string? Kind { get; set; }
    public string? Namespace { get; set; }
    public List<string>? Resources { get; set; }
    public List<Dictionary<string, string>>? Images { get; set; }
    public List<Dictionary<string, string>>? Patches { get; set; }
    public List<KustomizeLabels>? Labels { get; set; }
}

public sealed class KustomizeLabels
{
    public Dictionary<string, string>? Pairs { get; set; }
}
