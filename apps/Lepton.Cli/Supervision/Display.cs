using System.Text.Json;
using Spectre.Console;

namespace Lepton.Cli.Supervision;

/// <summary>How `up` shows its run.</summary>
internal interface IDisplay : IDisposable
{
    void Note(string text);

    void Show(RunState state);

    void Sum(RunState state);
}

internal static class Displays
{
    public static IDisplay For(bool json) => json ? new JsonDisplay() : AnsiConsole.Profile.Out.IsTerminal ? new LiveDisplay() : new PlainDisplay();
}

/// <summary>One JSON object on standard output in the end; what happens meanwhile goes to standard error.</summary>
internal sealed class JsonDisplay : IDisplay
{
    public void Note(string text) => Console.Error.WriteLine($"lepton: {text}");

    public void Show(RunState state)
    {
    }

    public void Sum(RunState state) => Console.Out.WriteLine(JsonSerializer.Serialize(state, SummaryJson.Default.RunState));

    public void Dispose()
    {
    }
}

/// <summary>Plain lines for pipes and files: one a pipeline every five seconds.</summary>
internal sealed class PlainDisplay : IDisplay
{
    private const double Pause = 5;
    private double shown = -Pause;

    public void Note(string text) => Console.WriteLine($"lepton: {text}");

    public void Show(RunState state)
    {
        if (state.Seconds - shown >= Pause)
        {
            shown = state.Seconds;
            Lines(state);
        }
    }

    public void Sum(RunState state) => Lines(state);

    public void Dispose()
    {
    }

    private static void Lines(RunState state)
    {
        foreach (var (name, pipeline) in state.Pipelines)
        {
            Console.WriteLine($"{state.Seconds,6:0} s  {name}: {string.Join(", ", FigureTable.Columns.Select(column => $"{column.Title} {column.Text(pipeline)}"))}");
        }
    }
}

/// <summary>A table that is drawn over itself, notes above it.</summary>
internal sealed class LiveDisplay : IDisplay
{
    private readonly Lock gate = new();
    private readonly Queue<string> waiting = [];
    private int drawn;

    public void Note(string text)
    {
        lock (gate)
        {
            waiting.Enqueue(text);
            if (drawn == 0)
            {
                WriteNotes();
            }
        }
    }

    public void Show(RunState state)
    {
        lock (gate)
        {
            Erase();
            WriteNotes();
            if (state.Pipelines.Count > 0)
            {
                Draw(state);
            }
        }
    }

    public void Sum(RunState state)
    {
        lock (gate)
        {
            Erase();
            WriteNotes();
            Draw(state);
            drawn = 0;
        }
    }

    public void Dispose()
    {
    }

    private void Draw(RunState state)
    {
        // Rendered before it is written, so that what is erased next time is what was drawn: in a narrow terminal a row takes several lines.
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = AnsiConsole.Profile.Width;
        console.Write(FigureTable.Of(state));
        var drawing = text.ToString();
        Console.Write(drawing);
        drawn = drawing.Count(character => character == '\n');
    }

    private void Erase()
    {
        if (drawn > 0)
        {
            Console.Write($"\e[{drawn}A\e[J");
            drawn = 0;
        }
    }

    private void WriteNotes()
    {
        while (waiting.TryDequeue(out var note))
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]lepton:[/] {note}");
        }
    }
}
