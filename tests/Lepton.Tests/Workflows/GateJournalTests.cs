using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Actors.Runtime;
using Lepton.Contracts.Resources;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Gates;
using Microsoft.Extensions.Logging;

namespace Lepton.Tests.Workflows;

public sealed class GateJournalTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly StoredState state = new();
    private readonly Lines log = new();

    [Fact]
    public async Task A_keeper_that_starts_anew_knows_what_the_one_before_had_learned()
    {
        var journal = await OpenAsync();
        var salt = await journal.SaltAsync();
        for (var i = 0; i < 700; i++)
        {
            await journal.LearnAsync(LabelOf(i), "cloud", Noon);
        }

        // 700 labels: two snapshots, and 188 entries of a log that is read back.
        Assert.Equal(188, journal.Page.Logged);
        await state.SaveStateAsync(TestContext.Current.CancellationToken);
        var again = await OpenAsync();
        Assert.Equal(journal.Archive(), again.Archive());
        Assert.Equal(journal.Page, again.Page);
        Assert.Equal(salt, await again.SaltAsync());
        Assert.Contains(log.Texts, line => line.Contains("is now open", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_label_again_changes_nothing()
    {
        var journal = await OpenAsync();
        await journal.LearnAsync(LabelOf(1), "cloud", Noon);
        var (page, archive) = (journal.Page, journal.Archive());
        await journal.LearnAsync(LabelOf(1), "cloud", Noon);
        Assert.Equal((page, archive.Length), (journal.Page, journal.Archive().Length));
    }

    [Fact]
    public async Task Other_settings_start_a_new_calibration_and_say_so()
    {
        await LearnAllAsync();
        var other = await OpenAsync("0.2");
        Assert.Equal(0, Memory(other, "0.2").Count);
        Assert.Contains(log.Texts, line => line.Contains("its model or settings changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_model_above_starts_a_new_calibration_and_says_so()
    {
        var journal = await LearnAllAsync();
        await journal.LearnAsync(LabelOf(500), "another cloud", Noon);
        var memory = Memory(journal);
        Assert.Equal((0, 1, GatePhase.Recalibrating), (memory.Count, memory.Epoch, memory.Phase));
        Assert.Equal("another cloud", journal.Page.Reference);
        Assert.Contains(log.Texts, line => line.Contains("answers with another model", StringComparison.Ordinal));

        // A verdict of the old model that comes late is about an epoch that is over.
        await journal.LearnAsync(LabelOf(501), "cloud", Noon);
        Assert.Equal((0, "another cloud"), (Memory(journal).Count, journal.Page.Reference));
    }

    [Theory]
    [InlineData("snapshot", "\"AAAA\"")]
    [InlineData("snapshot", "\"no base64\"")]
    [InlineData("snapshot", "{}")]
    [InlineData("log-0", "[]")]
    [InlineData("gate", "17")]
    public async Task Damaged_state_starts_cold_and_is_told(string key, string json)
    {
        await LearnAllAsync();
        await state.SaveStateAsync(TestContext.Current.CancellationToken);
        state.Damage(key, json);
        var journal = await OpenAsync();
        Assert.Equal((0, GatePhase.ColdStart), (Memory(journal).Count, Memory(journal).Phase));
        Assert.Contains(log.Texts, line => line.Contains("is damaged", StringComparison.Ordinal));

        // And goes on from there.
        await journal.LearnAsync(LabelOf(1), "cloud", Noon);
        await state.SaveStateAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, Memory(await OpenAsync()).Count);
    }

    [Fact]
    public async Task An_alarm_counts_once_per_epoch()
    {
        var journal = await LearnAllAsync();
        await journal.AlarmAsync(0, "doubt", Noon);
        await journal.AlarmAsync(0, "novelty", Noon);
        await journal.AlarmAsync(1, "doubt", Noon);
        Assert.Equal((1, "doubt, 2026-01-02T12:00:00Z", 1), (journal.Page.Alarms, journal.Page.LastAlarm, Memory(journal).Epoch));
    }

    private static Label LabelOf(int i) => new((ulong)i + 1, i, 0, Designation.Cold, i % 10 == 0 ? 0.9f : 0.1f, 0, i % 10 == 0 ? 1 : 0, false);

    private static GateMemory Memory(GateJournal journal, string alpha = "0.1")
    {
        var gate = GateOf(alpha);
        var memory = new GateMemory(gate.Settings, gate.Calibration);
        Assert.True(GateArchive.TryLoad(memory, journal.Archive()));
        return memory;
    }

    private static TierGate GateOf(string alpha)
    {
        var faults = new List<Fault>();
        var pipeline = PipelineReader.Read("p.yaml", $$$"""
            apiVersion: lepton.dev/v1
            kind: Pipeline
            metadata: {name: p}
            spec:
              source: {kind: series, values: [x]}
              tiers: {edge: {model: e/1}, cloud: {model: c/1}}
              gate: {alpha: {{{alpha}}} }
            """, faults).Single();
        var model = new Model { Name = "e", Version = "1", File = "", ModelFile = "", Sha256 = "e", Decoder = "probabilities", Labels = ["a", "b"], Licence = "", Options = YamlMap.Parse("e.yaml", "decoder: probabilities", faults)[0] };
        return TierGate.Of(pipeline, "edge", model, faults)!;
    }

    private async Task<GateJournal> OpenAsync(string alpha = "0.1")
    {
        await state.ClearCacheAsync(TestContext.Current.CancellationToken);
        return await GateJournal.OpenAsync(state, "p", GateOf(alpha), log);
    }

    private async Task<GateJournal> LearnAllAsync()
    {
        var journal = await OpenAsync();
        for (var i = 0; i < 100; i++)
        {
            await journal.LearnAsync(LabelOf(i), "cloud", Noon);
        }

        await state.SaveStateAsync(TestContext.Current.CancellationToken);
        return journal;
    }

    private sealed class Lines : ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Texts.Enqueue(formatter(state, exception));
    }

    /// <summary>An actor's state as JSON, with what is set and not saved yet beside it.</summary>
    private sealed class StoredState : IActorStateManager
    {
        private readonly Dictionary<string, string> stored = [];
        private readonly Dictionary<string, string> unsaved = [];

        public void Damage(string key, string json) => stored[key] = json;

        public Task<ConditionalValue<T>> TryGetStateAsync<T>(string stateName, CancellationToken cancellationToken = default) => Task.FromResult(
            unsaved.TryGetValue(stateName, out var json) || stored.TryGetValue(stateName, out json) ? new ConditionalValue<T>(true, JsonSerializer.Deserialize<T>(json)!) : default);

        public Task SetStateAsync<T>(string stateName, T value, CancellationToken cancellationToken = default)
        {
            unsaved[stateName] = JsonSerializer.Serialize(value);
            return Task.CompletedTask;
        }

        public Task SaveStateAsync(CancellationToken cancellationToken = default)
        {
            foreach (var (key, json) in unsaved)
            {
                stored[key] = json;
            }

            unsaved.Clear();
            return Task.CompletedTask;
        }

        public Task ClearCacheAsync(CancellationToken cancellationToken = default)
        {
            unsaved.Clear();
            return Task.CompletedTask;
        }

        public Task UnloadStateAsync(string stateName, UnloadStateOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task AddStateAsync<T>(string stateName, T value, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task AddStateAsync<T>(string stateName, T value, TimeSpan ttl, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<T> GetStateAsync<T>(string stateName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task SetStateAsync<T>(string stateName, T value, TimeSpan ttl, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task RemoveStateAsync(string stateName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> TryAddStateAsync<T>(string stateName, T value, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> TryAddStateAsync<T>(string stateName, T value, TimeSpan ttl, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> TryRemoveStateAsync(string stateName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> ContainsStateAsync(string stateName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<T> GetOrAddStateAsync<T>(string stateName, T value, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<T> GetOrAddStateAsync<T>(string stateName, T value, TimeSpan ttl, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<T> AddOrUpdateStateAsync<T>(string stateName, T addValue, Func<string, T, T> updateValueFactory, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<T> AddOrUpdateStateAsync<T>(string stateName, T addValue, Func<string, T, T> updateValueFactory, TimeSpan ttl, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
