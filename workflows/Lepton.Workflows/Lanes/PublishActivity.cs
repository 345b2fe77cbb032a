using Dapr;
using Dapr.Workflow;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Lanes;

/// <summary>Publishes revision 1 from the record and tells the device's twin.</summary>
internal sealed class PublishActivity(PipelineBook book, RecordStore records, Aftermath aftermath) : WorkflowActivity<InferenceProgress, bool>
{
    public const string Name = "Publish";

    public override async Task<bool> RunAsync(WorkflowActivityContext context, InferenceProgress input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var record = await records.ReadAsync(input.Subject, limit.Token).ConfigureAwait(false);
        var stored = await records.PayloadAsync(input.Subject, limit.Token).ConfigureAwait(false);
        if (record is null || stored is null)
        {
            // Their time to live is over: who would still want it has long gone.
            return false;
        }

        var failures = await aftermath.PublishAsync([record], [], limit.Token).ConfigureAwait(false);
        if (failures.Count == 0 && book.Find(input.Pipeline) is { } pipeline && AdmissionDesk.Readmit(pipeline, input.Subject, stored, out _) is { } admitted)
        {
            failures = await aftermath.ObserveAsync(pipeline, [(admitted, record)], limit.Token).ConfigureAwait(false);
        }

        return failures.Count == 0 ? true : throw new DaprException($"'{record.Result.Id}' could not be published or its twin not be told ({failures.First().Value}); it is tried again");
    }
}
