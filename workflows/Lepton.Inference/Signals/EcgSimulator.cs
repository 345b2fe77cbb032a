namespace Lepton.Inference.Signals;

/// <summary>Simulates two-lead ECG recordings of seeded patients, with ectopic beats, fibrillation, blocked bundle branches, noise and known truth.</summary>
/// <remarks>Same seed, patient and length give the same recording. It stands in for real recordings where there are none; figures from it say nothing about real patients.</remarks>
public static class EcgSimulator
{
    private const int Rate = 360;

    // Seconds until the heart can be excited again.
    private const double Earliest = 0.5;

    /// <summary>Simulates a recording at 360 samples per second, leads <c>MLII</c> and <c>V1</c>.</summary>
    /// <param name="seed">Seed of the whole ward.</param>
    /// <param name="patient">Number of the patient, 1 or more: heart, rhythm and electrodes differ from patient to patient.</param>
    /// <param name="length">Length of the recording, one second or more.</param>
    public static Recording Record(int seed, int patient, TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patient, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, TimeSpan.FromSeconds(1));
        var random = new Random(unchecked(seed * 7919 + patient * 104_729));
        var heart = SimulatedHeart.Create(random);
        var samples = (int)(length.TotalSeconds * Rate);
        float[][] leads = [new float[samples], new float[samples]];
        var annotations = new List<BeatAnnotation>();
        foreach (var beat in Rhythm(heart, random, length.TotalSeconds))
        {
            annotations.Add(new BeatAnnotation((int)(beat.At * Rate), beat.Symbol));
            for (var lead = 0; lead < leads.Length; lead++)
            {
                foreach (var wave in heart.Waves(beat, lead))
                {
                    wave.AddTo(leads[lead], beat.At, Rate);
                }
            }
        }
        foreach (var lead in leads)
        {
            AddNoise(lead, random);
        }
        return new Recording($"sim-{patient:D2}", Rate, leads, ["MLII", "V1"], annotations);
    }

    private static IEnumerable<SimulatedBeat> Rhythm(SimulatedHeart heart, Random random, double seconds)
    {
        var (at, drift, bigeminy) = (0.5, 0.0, 0);
        while (at < seconds - 0.6)
        {
            drift = 0.97 * drift + 0.01 * Normal(random);
            var interval = heart.Interval * Math.Max(0.55, 1 + drift + heart.Breathing * Math.Sin(at * 1.6) + heart.Jitter * Normal(random));
            var strength = 1 + 0.04 * Normal(random);
            yield return new SimulatedBeat(at, 'N', interval, strength, 0);
            var chance = random.NextDouble();
            if (bigeminy > 0 || chance < heart.Ventricular)
            {
                bigeminy = bigeminy > 0 ? bigeminy - 1 : random.NextDouble() < 0.08 ? random.Next(4, 20) : 0;
                var early = at + Math.Max(Earliest, interval * (heart.Coupling + 0.03 * Normal(random)));
                // Late in the cycle the sinus beat is already under way and the two may fuse.
                var symbol = heart.Coupling > 0.72 && random.NextDouble() < 0.08 ? 'F' : 'V';
                yield return new SimulatedBeat(early, symbol, interval, 1 + 0.06 * Normal(random), random.NextDouble() < 0.85 ? 0 : 1);
                at += 2 * interval;
            }
            else if (chance < heart.Ventricular + heart.Supraventricular)
            {
                var early = at + Math.Max(Earliest, interval * Math.Clamp(0.76 + 0.07 * Normal(random), 0.55, 0.9));
                yield return new SimulatedBeat(early, 'A', interval, strength, 0);
                at = early + interval * 1.08;
            }
            else
            {
                at += interval;
            }
        }
    }

    private static void AddNoise(float[] lead, Random random)
    {
        var (breath, slow, mains, muscle) = (0.02 + 0.16 * random.NextDouble(), 0.08 * random.NextDouble(), 0.008 * random.NextDouble(), 0.006 + 0.02 * random.NextDouble());
        var (phase, walk, burst, slip) = (random.NextDouble() * 6.28, 0.0, 0, 0.0);
        for (var i = 0; i < lead.Length; i++)
        {
            var t = (double)i / Rate;
            walk = 0.9998 * walk + 0.002 * slow * Normal(random);
            // Muscles tense for some seconds, twice a minute; now and then an electrode slips and its potential settles again.
            burst = burst > 0 ? burst - 1 : random.NextDouble() < 0.03 / Rate ? random.Next(Rate, 5 * Rate) : 0;
            slip = 0.992 * slip + (random.NextDouble() < 0.02 / Rate ? 0.5 * Normal(random) : 0);
            lead[i] += (float)(breath * Math.Sin(1.6 * t + phase) + slow * Math.Sin(0.31 * t + 2 * phase) + walk + slip
                + mains * Math.Sin(2 * Math.PI * 60 * t) + muscle * (burst > 0 ? 4 : 1) * Normal(random));
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
