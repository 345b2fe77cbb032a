using System.Diagnostics;
using k8s;
using k8s.Models;
using Lepton.Contracts.Resources;
using Files = Lepton.Tests.Repository.Repository;

namespace Lepton.Tests.Deploy;

public sealed class ManifestTests
{
    private static readonly Dictionary<string, Type> Kinds = new()
    {
        ["dapr.io/v1alpha1/Component"] = typeof(Component),
        ["dapr.io/v1alpha1/HTTPEndpoint"] = typeof(HttpEndpoint),
        ["dapr.io/v1alpha1/Resiliency"] = typeof(Resiliency),
        ["dapr.io/v1alpha1/Configuration"] = typeof(Configuration),
        ["kustomize.config.k8s.io/v1beta1/Kustomization"] = typeof(Kustomization),
    };

    public static TheoryData<string> Manifests =>
        [.. Files.Files("*.yaml").Where(file => file.StartsWith("deploy", StringComparison.Ordinal) || file.StartsWith("components", StringComparison.Ordinal))];

    public static TheoryData<string> Profiles => ["components/local/edge", "components/local/cloud", "components/edge", "components/cloud"];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void A_manifest_loads_strictly(string file) => Assert.NotEmpty(Load(Files.Read(file)));

    [Fact]
    public void A_member_that_its_kind_does_not_have_is_refused() =>
        Assert.ThrowsAny<Exception>(() => Load(Files.Read("components/edge/pubsub.yaml").Replace("version: v1", "versoin: v1", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_profile_redelivers_with_growing_pauses_and_an_end(string folder)
    {
        var resources = Directory.GetFiles(Files.Path(folder), "*.yaml").SelectMany(file => Load(File.ReadAllText(file))).ToList();
        var spec = Assert.Single(resources.OfType<Resiliency>()).Spec!;
        foreach (var pubsub in resources.OfType<Component>().Where(component => component.Spec!.Type!.StartsWith("pubsub.", StringComparison.Ordinal)))
        {
            var policy = spec.Policies!.Retries![spec.Targets!.Components![pubsub.Metadata!.Name].Inbound!.Retry!];
            Assert.Equal("exponential", policy.Policy);
            Assert.InRange(policy.MaxRetries ?? -1, 1, 100);
        }

        Assert.Contains(resources.OfType<Component>(), component => component.Spec!.Metadata!.Any(item => item is { Name: "actorStateStore", Value: "true" }));
    }

    [Fact]
    public void Nothing_retries_a_question_to_the_tier_above_but_its_workflow()
    {
        foreach (var folder in new[] { "components/local/edge", "components/edge" })
        {
            var spec = Load(Files.Read(folder + "/resiliency.yaml")).OfType<Resiliency>().Single().Spec!;
            Assert.Equal(0, spec.Policies!.Retries![spec.Targets!.Apps!["lepton-up"].Retry!].MaxRetries);
        }
    }

    [Theory]
    [InlineData("deploy/k3s", "lepton-edge", "edge")]
    [InlineData("deploy/aks", "lepton-cloud", "cloud")]
    public void An_overlay_renders_to_a_node_that_Dapr_and_its_Service_find(string overlay, string appId, string role)
    {
        var rendered = Load(Render(overlay));
        var deployment = rendered.OfType<V1Deployment>().Single();
        var pod = deployment.Spec.Template;
        var container = pod.Spec.Containers.Single();
        string Env(string name) => container.Env.Single(variable => variable.Name == name).Value;
        var port = container.Ports.Single();

        Assert.Equal(appId, pod.Metadata.Annotations["dapr.io/app-id"]);
        Assert.Equal(appId, Env("APP_ID"));
        Assert.Equal(role, Env("LEPTON_ROLE"));
        Assert.Equal(port.ContainerPort.ToString(), pod.Metadata.Annotations["dapr.io/app-port"]);
        Assert.Equal(port.ContainerPort.ToString(), Env("APP_PORT"));
        Assert.Equal(port.Name, container.ReadinessProbe.HttpGet.Port.Value);
        Assert.Equal(pod.Metadata.Annotations["dapr.io/config"], rendered.OfType<Configuration>().Single().Metadata!.Name);
        Assert.All(deployment.Spec.Selector.MatchLabels, label => Assert.Equal(label.Value, pod.Metadata.Labels[label.Key]));
        foreach (var service in rendered.OfType<V1Service>().Where(service => service.Name() == "lepton-node"))
        {
            Assert.All(service.Spec.Selector, label => Assert.Equal(label.Value, pod.Metadata.Labels[label.Key]));
            Assert.Equal(port.Name, service.Spec.Ports.Single().TargetPort.Value);
        }

        Assert.All(rendered.OfType<DaprKind>().Where(kind => kind.Scopes is not null), kind => Assert.Equal([appId], kind.Scopes!));
    }

    [Fact]
    public void Dapr_yaml_gives_every_app_a_folder_a_port_and_a_command_of_lepton()
    {
        var faults = new List<Fault>();
        var run = Assert.Single(YamlMap.Parse("dapr.yaml", Files.Read("dapr.yaml"), faults));
        foreach (var app in run.Maps("apps"))
        {
            Assert.Equal("./lepton", app.Texts("command")[0]);
            Assert.All(app.Texts("resourcesPaths"), path => Assert.True(Directory.Exists(Files.Path(path)), path));
            Assert.NotEqual(0, app.WholeNumber("daprHTTPPort", 0));
        }

        Assert.Empty(faults);
    }

    private static List<object> Load(string yaml) => KubernetesYaml.LoadAllFromString(yaml, Kinds, strict: true);

    private static string Render(string overlay)
    {
        var kubectl = new ProcessStartInfo("kubectl", ["kustomize", Files.Path(overlay)]) { RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(kubectl)!;
            var yaml = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return yaml;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("kubectl with kustomize 5 is not installed; see https://kubernetes.io/docs/tasks/tools");
            throw;
        }
    }
}
