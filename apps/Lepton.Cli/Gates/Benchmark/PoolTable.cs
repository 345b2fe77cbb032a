using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>The benchmark for people.</summary>
internal static class PoolTable
{
    public static void Write(PoolReport report, TextWriter console)
    {
        console.WriteLine($"{report.Pool}: {report.Events} events, {report.Calibration} calibrate; edge and reference differ on {report.Disagreement:P1}");
        console.WriteLine($"  {"rule",-36}{"accuracy",10}{"escalated",11}{"risk",9}{"kB/10,000",11}{"bound",9}{"above alpha",13}");
        foreach (var rule in report.Rules)
        {
            console.WriteLine($"  {rule.Rule,-36}{(report.HasOwnDoubt ? "-" : $"{rule.Accuracy:P2}"),10}{rule.Escalation,11:P1}{rule.Risk,9:F4}{(rule.Bytes is { } bytes ? $"{bytes * 10:N0}" : "-"),11}{rule.Bound,9:F4}{(rule.Above is { } above ? $"{above:P1}" : ""),13}");
        }

        foreach (var equal in report.Equal)
        {
            var head = equal.Head == HeadKind.None ? "no head taken" : $"{equal.Head.ToString().ToLowerInvariant()} head";
            console.WriteLine($"  at the risk of {equal.Peer}: {equal.Theirs:P1} escalated, by margin {equal.ByMargin:P1} ({equal.ByMargin / equal.Theirs:F2}x), {head} {equal.ByHead:P1} ({equal.ByHead / equal.Theirs:F2}x)");
        }

        console.WriteLine();
    }

    public static void Write(Goal goal, TextWriter console) =>
        console.WriteLine($"{goal.Passed switch { true => "pass", false => "MISS", _ => "-" },-5}{goal.Id,-3} {(goal.Pool is null ? "" : $"{goal.Pool}: ")}{goal.Claim}: {goal.Measured}");
}
