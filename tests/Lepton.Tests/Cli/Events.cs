using Lepton.Cli.Checking;
using Lepton.Cli.Ledger;
using Lepton.Contracts.Events;
using Lepton.Decisions.Feasibility;

namespace Lepton.Tests.Cli;

/// <summary>Hand-made streams: what a ledger and the topics would say of one event.</summary>
internal static class Events
{
    public const string Device = "urn:test:device";
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static LedgerLine Published(string id, string? truth = null, long position = 0, int bytes = 300) => new(position, Device, id, Start, bytes, truth);

    public static Result Answer(string id, string label, bool provisional = false) => new()
    {
        Id = EventKey.ResultId(Subject(id), 1),
        Subject = Subject(id),
        Revision = 1,
        Pipeline = "beats",
        Device = Device,
        EventId = id,
        EventTime = Start,
        DecidedAt = Start,
        Status = provisional ? Result.Provisional : Result.Final,
        Decision = provisional ? "provisionalAndEscalate" : "accept",
        Reasons = [provisional ? "uncertain" : "confident"],
        Answer = new Answer { Tier = "edge", Model = "small/1", Label = label },
    };

    public static Result Correction(string id, string label, string ending = ReasonNames.Corrected) => Answer(id, label) with
    {
        Id = EventKey.ResultId(Subject(id), 2),
        Revision = 2,
        Supersedes = EventKey.ResultId(Subject(id), 1),
        Reasons = [ending, "uncertain"],
    };

    public static Sighting Seen(Result result, double afterMilliseconds = 10) => Sighting.Of(result, Start.AddMilliseconds(afterMilliseconds));

    private static string Subject(string id) => EventKey.Subject("beats", EventKey.Of(Device, id));
}
