using System.Net;

namespace Lepton.Cli.Gates;

/// <summary>The page of `lepton gate report`: one file without scripts or anything loaded from elsewhere.</summary>
internal static class ReportPage
{
    private const string Style = """
        body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; color: #1b1f24; background: #fff }
        h1 { font-size: 1.35rem } .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)); gap: 1rem } svg { width: 100%; border: 1px solid #d8dee4; border-radius: 6px }
        td, th { padding: .15rem 1.2rem .15rem 0; text-align: left; font-weight: normal } th { color: #57606a }
        .title { font-size: 14px; font-weight: 600 } .tick, .label { font-size: 11px; fill: #57606a } .axis { font-size: 12px } .grid { stroke: #eaeef2 }
        .ours { fill: none; stroke: #0969da; stroke-width: 2 } .even { fill: none; stroke: #8c959f; stroke-dasharray: 4 4 } .level { stroke: #cf222e; stroke-dasharray: 6 3 }
        .alarm { stroke: #bf8700; stroke-width: 1.5 } .here { fill: #0969da } .peer { fill: #8250df } .dot { fill: #0969da }
        """;

    public static string Of(GateFitReport fit, SimulationReport run, StreamRecord record)
    {
        var curve = record.RiskCurve().ToArray();
        var risk = new Chart("Risk against escalation (blue point: this run)", "share escalated", 1, "risk", Math.Max(curve.Max(point => point.Risk), fit.Alpha))
            .Line(curve, "ours").Level(fit.Alpha, $"alpha {fit.Alpha}").Point((double)(run.Escalated + run.Shadow) / run.Events, run.Risk, "", "here");
        foreach (var same in record.Peers().GroupBy(peer => (peer.Escalated, peer.Risk)))
        {
            risk.Point(same.Key.Escalated, same.Key.Risk, string.Join(", ", same.Select(peer => peer.Name)), "peer");
        }

        var reliability = new Chart("Reliability of the edge's scores", "best score", 1, "share agreeing with the reference", 1).Line([(0, 0), (1, 1)], "even").Line(record.Reliability(), "ours");
        foreach (var (score, right) in record.Reliability())
        {
            reliability.Point(score, right, "", "dot");
        }

        var thresholds = new Chart("Threshold over time (0: nothing is accepted)", "event", run.Events, "tau", 1).Line(record.Thresholds, "ours");
        var risks = new Chart("Risk over time, by stretch of the stream", "event", run.Events, "risk", Math.Max(record.Risks.Select(point => point.Risk).DefaultIfEmpty().Max(), 2 * fit.Alpha))
            .Line(record.Risks, "ours").Level(fit.Alpha, $"alpha {fit.Alpha}");
        foreach (var alarm in run.Alarms)
        {
            thresholds.Upright(alarm.Event, alarm.Kind);
            risks.Upright(alarm.Event, alarm.Kind);
        }

        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Gate report</title><style>
            {Style}
            </style></head><body>
            <h1>Gate report: {WebUtility.HtmlEncode(run.Input)}</h1>
            <table>
            {Row("Calibrated on the whole file", $"n {fit.Labels}, errors {fit.Errors}, {(fit.Missing > 0 ? $"{fit.Missing} labels missing" : $"m {fit.Order}, tau {fit.Threshold:F6}, escalation {fit.Escalation:P1}, bound {fit.Bound:F4}")}")}
            {Row("Run over the stream", $"{run.Events} events, {run.Escalated} escalated, {run.Shadow} more sent for their label ({run.Sent:P1} in all)")}
            {Row("Accuracy against the reference", $"{run.Accuracy:P2}")}
            {Row("Risk", $"{run.Risk:F4}, in the last quarter {run.RiskOfLastQuarter:F4}; alpha {fit.Alpha}")}
            {Row("Guarantee", $"{run.Gate!.Guarantee}; bound {run.Gate.Bound:F4}, achieved at most {run.Gate.AchievedBound:F4} by {run.Gate.ShadowLabels} shadow labels")}
            {Row("Alarms", run.Alarms.Length == 0 ? "none" : string.Join(", ", run.Alarms.Select(alarm => $"{alarm.Kind} at event {alarm.Event}")))}
            </table>
            <div class="charts">
            {risk}
            {reliability}
            {thresholds}
            {risks}
            </div></body></html>
            """;
    }

    private static string Row(string name, string value) => $"<tr><th>{WebUtility.HtmlEncode(name)}</th><td>{WebUtility.HtmlEncode(value)}</td></tr>";
}
