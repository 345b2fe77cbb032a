namespace Lepton.Inference.Signals;

internal readonly record struct SimulatedBeat(double At, char Symbol, double Interval, double Strength, int Focus);

// One bump of a beat: height in mV, centre and width in seconds from the R peak.
internal readonly record struct Wave(double Height, double Centre, double Width)
{
    internal void AddTo(float[] lead, double at, int rate)
    {
        var (from, to) = ((int)((at + Centre - 4 * Width) * rate), (int)((at + Centre + 4 * Width) * rate));
        for (var i = Math.Max(0, from); i <= Math.Min(lead.Length - 1, to); i++)
        {
            var z = ((double)i / rate - at - Centre) / Width;
            lead[i] += (float)(Height * Math.Exp(-z * z / 2));
        }
    }
}

// What makes one simulated patient: rhythm, and the shape of normal and ectopic beats in both leads.
internal sealed record SimulatedHeart(double Interval, double Breathing, double Jitter, double Ventricular, double Supraventricular, double Coupling,
    double[] Gain, double P, double S, double T, double Width, double Slur, double[][] Ectopic)
{
    internal static SimulatedHeart Create(Random random)
    {
        double Between(double low, double high) => low + (high - low) * random.NextDouble();
        var sign = random.NextDouble() < 0.6 ? 1 : -1;
        // One patient in sixteen fibrillates (no P wave, no regular interval), one in four has a blocked bundle branch (a wide, slurred beat).
        var fibrillates = random.NextDouble() < 0.0625;
        var blocked = random.NextDouble() < 0.25;
        return new SimulatedHeart(
            Interval: 60 / Between(56, 92), Breathing: Between(0.005, 0.06), Jitter: fibrillates ? Between(0.08, 0.14) : Between(0.004, 0.015),
            Ventricular: random.NextDouble() < 0.75 ? Between(0.01, 0.14) : 0.002,
            Supraventricular: !fibrillates && random.NextDouble() < 0.5 ? Between(0.01, 0.06) : 0.002,
            Coupling: Between(0.6, 0.82),
            Gain: [Between(0.6, 1.7), Between(0.4, 1.3)], P: fibrillates ? 0 : Between(0.05, 0.16), S: Between(0.1, 0.35), T: Between(0.1, 0.35),
            Width: blocked ? Between(0.017, 0.026) : Between(0.010, 0.015), Slur: blocked ? Between(0.5, 1.0) : 0,
            Ectopic: [[sign * Between(0.8, 1.6), Between(0.026, 0.042)], [-sign * Between(0.8, 1.5), Between(0.026, 0.045)]]);
    }

    internal IEnumerable<Wave> Waves(SimulatedBeat beat, int lead) => beat.Symbol switch
    {
        'V' => Ventricle(beat, lead, 1),
        // Both wavefronts meet: half of the one beat over half of the other.
        'F' => Conducted(beat, lead, 0.5).Concat(Ventricle(beat, lead, 0.5)),
        _ => Conducted(beat, lead, 1),
    };

    private Wave[] Ventricle(SimulatedBeat beat, int lead, double share)
    {
        var focus = Ectopic[beat.Focus];
        var height = share * focus[0] * beat.Strength * (lead == 0 ? 1 : -0.7);
        return
        [
            new(height, 0, focus[1]),
            new(-0.35 * height, 2.2 * focus[1], 0.8 * focus[1]),
            new(-0.4 * height, 0.3 * Math.Sqrt(beat.Interval) + 0.07, 0.06),
        ];
    }

    private Wave[] Conducted(SimulatedBeat beat, int lead, double share)
    {
        var gain = share * Gain[lead] * beat.Strength;
        var repolarisation = 0.3 * Math.Sqrt(beat.Interval);
        // An early atrial focus gives a P wave of another shape, nearer to its beat.
        var (atrium, distance) = beat.Symbol == 'A' ? (-0.5 * P, 0.13) : (P, 0.16);
        return lead == 0
            ?
            [
                new(atrium * gain, -distance, 0.022), new(-0.1 * gain, -0.026, 0.008), new(gain, 0, Width), new(-S * gain, 0.03, 0.011),
                new(Slur * gain, 0.045, 0.02), new((T - Slur / 2) * gain, repolarisation, 0.045),
            ]
            :
            [
                new(0.5 * atrium * gain, -distance, 0.022), new(0.3 * gain, -0.018, 0.009), new(-gain, 0.01, 1.2 * Width),
                new(1.3 * Slur * gain, 0.05, 0.02), new(0.4 * T * gain, repolarisation, 0.05),
            ];
    }
}
