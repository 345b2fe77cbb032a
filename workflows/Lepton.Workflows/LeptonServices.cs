using Dapr.Workflow;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Gates;
using Lepton.Workflows.Lanes;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Lepton.Workflows;

/// <summary>Everything an event passes on its way, as services.</summary>
internal static class LeptonServices
{
    public static IServiceCollection AddLepton(this IServiceCollection services, NodeIdentity node, PipelineBook book, Pauses pauses)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(node).AddSingleton(book).AddSingleton(pauses);
        services.AddSingleton<RecordStore>().AddSingleton<ResultPublisher>().AddSingleton<RecentResults>().AddSingleton<Tally>();
        services.AddSingleton<Decider>().AddSingleton<Aftermath>().AddSingleton<DeadLetters>().AddSingleton<ExpressLane>().AddSingleton<DurableLane>();
        services.AddSingleton<GateBoard>().AddHostedService(provider => provider.GetRequiredService<GateBoard>());
        services.AddSingleton<Correction>().AddSingleton<Lesson>();
        services.AddSingleton<Residents>().AddSingleton<VerdictDesk>().AddSingleton<UpLink>();
        return services.AddDaprWorkflow(workflows =>
        {
            workflows.RegisterWorkflow<EscalationWorkflow>(EscalationWorkflow.Name);
            workflows.RegisterActivity<AskActivity>(AskActivity.Name);
            workflows.RegisterActivity<CorrectActivity>(CorrectActivity.Name);
            workflows.RegisterActivity<FeedBackActivity>(FeedBackActivity.Name);
            workflows.RegisterWorkflow<InferenceWorkflow>(InferenceWorkflow.Name);
            workflows.RegisterActivity<DecideActivity>(DecideActivity.Name);
            workflows.RegisterActivity<PublishActivity>(PublishActivity.Name);
        });
    }
}
