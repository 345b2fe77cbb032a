using System.Collections.Concurrent;
using Dapr.Workflow;
using Grpc.Core;
using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Workflows.Lanes;

/// <summary>Steps 6 and 7, always from the records, so that a redelivered event repeats them word for word: publish, start escalations, tell the twins.</summary>
internal sealed class Aftermath(RecordStore records, ResultPublisher publisher, DaprWorkflowClient workflows, Residents residents, TimeProvider time)
{
    /// <summary>Starting a workflow is one call each; a batch full of escalations shares this many at a time.</summary>
    private const int MostStarts = 16;

    /// <summary>Publishes results, and corrections that exist already; returns the subjects that could not be published, and why.</summary>
    public Task<IReadOnlyDictionary<string, string>> PublishAsync(IEnumerable<EventRecord> decided, IEnumerable<Result> corrections, CancellationToken cancellationToken) =>
        publisher.PublishAsync([.. decided.Select(record => record.Result), .. corrections], cancellationToken);

    /// <summary>The corrections of records that were there before; a fresh record has none.</summary>
    public Task<Dictionary<string, Result>> CorrectionsAsync(IEnumerable<EventRecord> redelivered, CancellationToken cancellationToken) =>
        records.CorrectionsAsync([.. redelivered.Where(record => record.Ticket is not null).Select(record => record.Result.Subject)], cancellationToken);

    /// <summary>Starts the escalations of records that are not corrected yet; one that runs already is fine. Returns the subjects that could not be started, and why.</summary>
    public async Task<IReadOnlyDictionary<string, string>> EscalateAsync(IEnumerable<EventRecord> uncorrected, CancellationToken cancellationToken)
    {
        var failed = new ConcurrentDictionary<string, string>();
        var tickets = uncorrected.Select(record => record.Ticket).OfType<EscalationTicket>();
        await Parallel.ForEachAsync(tickets, new ParallelOptions { MaxDegreeOfParallelism = MostStarts, CancellationToken = cancellationToken }, async (ticket, stop) =>
        {
            if (await StartAsync(EscalationWorkflow.Name, StateKey.Workflow(ticket.Subject), new EscalationProgress { Ticket = ticket }, stop).ConfigureAwait(false) is { } why)
            {
                failed[ticket.Subject] = why;
            }
        }).ConfigureAwait(false);
        return failed;
    }

    /// <summary>Starts a workflow with a start time of now: without one daprd answers only after the first turn. Returns why it could not, or null.</summary>
    public async Task<string?> StartAsync(string name, string instance, object input, CancellationToken cancellationToken)
    {
        try
        {
            await workflows.ScheduleNewWorkflowAsync(name, instance, input, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (RpcException error)
        {
            return error.StatusCode == StatusCode.AlreadyExists ? null : error.Status.Detail;
        }
    }

    /// <summary>Tells each device's twin of its events in one call; returns the devices whose twin could not be told, and why.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ObserveAsync(Pipeline pipeline, IEnumerable<(AdmittedEvent Event, EventRecord Record)> answered, CancellationToken cancellationToken)
    {
        var failed = new ConcurrentDictionary<string, string>();
        await Task.WhenAll(answered.GroupBy(each => each.Event.Device).Select(async device =>
        {
            var signals = pipeline.Baseline is not null && residents.NeedsSignals(device.Key, pipeline.Name);
            var sightings = device.Select(each => Sighting(pipeline, each.Event, each.Record, signals)).ToList();
            try
            {
                await residents.ObserveAsync(device.Key, new Observation(pipeline.Name, sightings), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // Whatever it failed with, the device's events come again.
                failed[device.Key] = error.Message;
            }
        })).ConfigureAwait(false);
        return failed;
    }

    private static Sighting Sighting(Pipeline pipeline, AdmittedEvent admitted, EventRecord record, bool withSignals)
    {
        if (!withSignals || admitted.Input.Series is not { } series)
        {
            return new Sighting(admitted.Key, admitted.Time, record.Result.Answer?.Label, null, null);
        }

        var plan = pipeline.Baseline!;
        var names = pipeline.Source.Signals.Keys.ToList();
        var signals = plan.Signals.SelectMany(name => series.Signals[names.IndexOf(name)]).ToArray();
        return new Sighting(admitted.Key, admitted.Time, record.Result.Answer?.Label, TimeOf(plan, pipeline, admitted, series), signals);
    }

    /// <summary>The event's own time in seconds: the value that the plan names, else the CloudEvent's time.</summary>
    private static double TimeOf(BaselinePlan plan, Pipeline pipeline, AdmittedEvent admitted, SeriesData series) =>
        plan.At is { } value ? series.Values[pipeline.Source.Values.ToList().IndexOf(value)] : admitted.Time.ToUnixTimeMilliseconds() / 1000.0;
}
