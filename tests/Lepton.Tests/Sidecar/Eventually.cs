namespace Lepton.Tests.Sidecar;

/// <summary>Waits for a condition, with a limit and a message.</summary>
internal static class Eventually
{
    internal static async Task<T> GetAsync<T>(Func<T> get, Func<T, bool> enough, string what, Func<T, string>? describe = null, int withinMs = 15_000)
    {
        var until = Environment.TickCount64 + withinMs;
        while (true)
        {
            var value = get();
            if (enough(value)) return value;
            if (Environment.TickCount64 > until) Assert.Fail($"not within {withinMs} ms: {what}; got {(describe is null ? value?.ToString() : describe(value))}");
            await Task.Delay(10);
        }
    }

    internal static Task HoldsAsync(Func<bool> condition, string what, int withinMs = 15_000) => GetAsync(condition, static holds => holds, what, null, withinMs);
}
