namespace Lepton.SystemTests.Sidecar.Programs;

/// <summary>Random programs, and what each of them must come to: its steps one after the other, without a workflow.</summary>
internal sealed class Model
{
    private readonly Random random;

    private Model(Random random) => this.random = random;

    internal required Play Program { get; init; }

    /// <summary>What the program returns.</summary>
    internal long Result { get; private set; }

    /// <summary>The effects it must have, once per key.</summary>
    internal Dictionary<string, long> Effects { get; } = [];

    /// <summary>The events its steps wait for: to whom, which, with what.</summary>
    internal List<(string Instance, string Name, long Value)> Events { get; } = [];

    internal static Model Make(string key, Random random)
    {
        var model = new Model(random) { Program = new Play(key, 0, 0, Steps(random, 0)) };
        model.Result = model.Run(model.Program);
        return model;
    }

    private static Step[] Steps(Random random, int depth) => [.. Enumerable.Range(0, random.Next(1, depth == 0 ? 9 : 4)).Select(i => OneStep(random, depth, i))];

    private static Step OneStep(Random random, int depth, int at) => random.Next(depth == 0 ? 12 : 9) switch
    {
        0 or 1 or 2 => new Step("call", random.Next(100)),
        3 => new Step("all", random.Next(2, 7)),
        4 => new Step("nap", random.Next(1, 300)),
        5 => new Step("hear", 0, $"word{at}"),
        6 => new Step("hear", 1, $"word{at}"),
        7 => new Step("miss", random.Next(1, 80)),
        8 => new Step("fail"),
        9 => new Step("child", 0, "", Steps(random, depth + 1)),
        10 => new Step("both", random.Next(100), "", Steps(random, depth + 1)),
        _ => new Step("again"),
    };

    private long Run(Play play)
    {
        var sum = play.Sum;
        for (var i = 0; i < play.Steps.Length; i++)
        {
            foreach (var value in Values(play.Steps[i], play.Key, $"{play.Key}.{i}")) sum = Deed.Mix(sum, value);
        }
        return sum;
    }

    private long[] Values(Step step, string instance, string key) => step.Do switch
    {
        "call" => [Effect(key, step.Number)],
        "all" => [.. Enumerable.Range(0, step.Number).Select(n => Effect($"{key}.{n}", n))],
        "nap" => [1],
        "hear" => [Event(instance, step.Name)],
        "miss" => [2],
        "fail" => [3],
        "child" => [Run(new Play(key, 0, 0, step.Body!))],
        "both" => [Run(new Play(key, 0, 0, step.Body!)), Effect(key + ".x", step.Number)],
        _ => [],
    };

    private long Effect(string key, int number) => Effects[key] = new Deed(key, number).Value;

    private long Event(string instance, string name)
    {
        var value = random.Next(1000);
        Events.Add((instance, name, value));
        return value;
    }
}
