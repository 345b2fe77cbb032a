using Lepton.Contracts.Events;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Lanes;

/// <summary>The events of one delivery on their way: which have a record, which were rejected, which failed. An event that is in it twice is one event.</summary>
internal sealed class Batch
{
    private readonly IReadOnlyList<AdmittedEvent> delivered;
    private readonly Dictionary<string, AdmittedEvent> events = [];
    private readonly Dictionary<string, EventRecord> records = [];
    private readonly Dictionary<string, Rejection> rejections = [];
    private readonly HashSet<string> failed = [];

    public Batch(IReadOnlyList<AdmittedEvent> delivered)
    {
        this.delivered = delivered;
        foreach (var each in delivered)
        {
            events.TryAdd(each.Subject, each);
        }
    }

    public IReadOnlyCollection<string> Subjects => events.Keys;

    public IReadOnlyList<AdmittedEvent> Events => [.. events.Values];

    /// <summary>Records with which nothing has gone wrong so far.</summary>
    public IEnumerable<EventRecord> Open => records.Values.Where(record => !failed.Contains(record.Result.Subject)).ToList();

    public IEnumerable<(AdmittedEvent Event, EventRecord Record)> OpenWithEvents => Open.Select(record => (events[record.Result.Subject], record));

    /// <summary>What has become of each delivered event so far, in order of delivery.</summary>
    public Handled[] Handled => Close([]);

    public void Decided(Decided decided)
    {
        foreach (var (subject, record) in decided.Records)
        {
            records[subject] = record;
        }

        foreach (var (subject, rejection) in decided.Rejections)
        {
            rejections[subject] = rejection;
        }
    }

    public void Fail(IEnumerable<string> subjects) => failed.UnionWith(subjects);

    /// <summary>Fails the given subjects; or, where the step as a whole failed (null), all that it was for.</summary>
    public void FailAllOr(IReadOnlyDictionary<string, string>? subjects, Func<EventRecord, bool>? concerns = null) =>
        Fail(subjects?.Keys ?? records.Values.Where(concerns ?? (_ => true)).Select(record => record.Result.Subject));

    public void FailDevices(IReadOnlyDictionary<string, string>? devices) =>
        Fail(events.Values.Where(each => devices is null || devices.ContainsKey(each.Device)).Select(each => each.Subject));

    public Handled[] Close(Dictionary<string, Result> corrections) =>
        [.. delivered.Select(each => failed.Contains(each.Subject) ? Lanes.Handled.Again
            : rejections.TryGetValue(each.Subject, out var rejection) ? Lanes.Handled.Rejected(rejection)
            : records.TryGetValue(each.Subject, out var record) ? Lanes.Handled.Done(corrections.GetValueOrDefault(each.Subject) ?? record.Result)
            : Lanes.Handled.Again)];
}
