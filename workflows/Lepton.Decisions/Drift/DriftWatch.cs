namespace Lepton.Decisions.Drift;

/// <summary>Which label-free alarm went off.</summary>
public enum DriftAlarm
{
    /// <summary>None.</summary>
    None,

    /// <summary>The doubts are distributed otherwise than at calibration.</summary>
    Doubt,

    /// <summary>The inputs' novelty is.</summary>
    Novelty,
}

/// <summary>
/// Compares the last events with those of the calibration, without any label. After a restart of the reference it first gathers a new one and
/// then a full window, so that it can't go off again for <c>reference + window</c> events. Not safe for use by several threads.
/// </summary>
public sealed class DriftWatch
{
    private const int Stride = 100;
    private readonly Channel doubts;
    private readonly Channel novelties;
    private readonly List<float[]> gathered = [];
    private readonly double constant;
    private readonly int size;
    private int sinceCheck;

    /// <summary>A watch without reference: the first events become it.</summary>
    /// <param name="reference">How many events the reference holds.</param>
    /// <param name="window">How many of the last events are compared with it.</param>
    /// <param name="constant">The alarm's constant c; larger is deafer.</param>
    public DriftWatch(int reference, int window = 500, double constant = 2.2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(reference, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        (size, this.constant) = (reference, constant);
        doubts = new Channel(reference, window);
        novelties = new Channel(reference, window);
    }

    /// <summary>The scale of novelty, learned from the reference's inputs; null while they are gathered and when events have none.</summary>
    public Novelty? Scale { get; private set; }

    /// <summary>The references, which are durable while the windows are not: ascending doubts, then novelties; empty while they are being gathered.</summary>
    public (float[] Doubts, float[] Novelties) Reference => (doubts.Reference, novelties.Reference);

    /// <summary>Adds an event; every hundredth compares, O(window log window), all others are O(inputs).</summary>
    /// <param name="doubt">The event's doubt; events whose scores are invalid do not belong here.</param>
    /// <param name="inputs">Its inputs; empty when the pipeline has none.</param>
    /// <param name="deafness">By which factor benign alarms have raised the constant so far; 1 at first.</param>
    public DriftAlarm Observe(double doubt, ReadOnlySpan<float> inputs, double deafness = 1)
    {
        doubts.Add((float)doubt);
        ObserveInputs(inputs);
        if (++sinceCheck < Stride)
        {
            return DriftAlarm.None;
        }

        sinceCheck = 0;
        return doubts.Differs(constant * deafness) ? DriftAlarm.Doubt : novelties.Differs(constant * deafness) ? DriftAlarm.Novelty : DriftAlarm.None;
    }

    /// <summary>Forgets references and windows, as a new calibration begins.</summary>
    public void Restart()
    {
        doubts.Restart();
        novelties.Restart();
        gathered.Clear();
        Scale = null;
        sinceCheck = 0;
    }

    /// <summary>Goes on with references kept by an earlier process. Those of another size are ignored, and gathered anew.</summary>
    public void Resume(float[] doubtReference, float[] noveltyReference, Novelty? scale)
    {
        ArgumentNullException.ThrowIfNull(doubtReference);
        ArgumentNullException.ThrowIfNull(noveltyReference);
        Restart();
        doubts.Resume(doubtReference);
        if (scale is not null && noveltyReference.Length == size)
        {
            Scale = scale;
            novelties.Resume(noveltyReference);
        }
    }

    private void ObserveInputs(ReadOnlySpan<float> inputs)
    {
        if (inputs.IsEmpty)
        {
            return;
        }

        if (Scale is not null)
        {
            // Inputs that can't be measured are as far out as any.
            var novelty = Scale.Of(inputs);
            novelties.Add(double.IsNaN(novelty) ? float.MaxValue : (float)novelty);
            return;
        }

        gathered.Add(inputs.ToArray());
        if (gathered.Count < size)
        {
            return;
        }

        Scale = Novelty.Learn(gathered);
        novelties.Resume(Scale is null ? [] : [.. gathered.Select(event_ => (float)Scale.Of(event_))]);
        gathered.Clear();
    }

    private sealed class Channel(int size, int window)
    {
        private readonly float[] reference = new float[size];
        private readonly float[] recent = new float[window];
        private readonly float[] sorted = new float[window];
        private int gathered;
        private long seen;

        public float[] Reference => gathered == size ? [.. reference] : [];

        public void Add(float value)
        {
            if (gathered < size)
            {
                reference[gathered++] = value;
                if (gathered == size)
                {
                    Array.Sort(reference);
                }

                return;
            }

            recent[seen++ % window] = value;
        }

        public bool Differs(double constant)
        {
            if (seen < window)
            {
                return false;
            }

            recent.CopyTo(sorted, 0);
            Array.Sort(sorted);
            return KolmogorovSmirnov.Distance(reference, sorted) > KolmogorovSmirnov.Limit(constant, size, window);
        }

        public void Restart()
        {
            gathered = 0;
            seen = 0;
        }

        public void Resume(float[] kept)
        {
            Restart();
            if (kept.Length == size)
            {
                kept.CopyTo(reference, 0);
                Array.Sort(reference);
                gathered = size;
            }
        }
    }
}
