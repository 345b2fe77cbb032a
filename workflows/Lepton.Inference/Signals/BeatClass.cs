namespace Lepton.Inference.Signals;

/// <summary>The five beat classes of ANSI/AAMI EC57.</summary>
public enum BeatClass
{
    /// <summary>Normal, bundle branch block and escape beats (symbols N, L, R, e, j).</summary>
    Normal,
    /// <summary>Supraventricular ectopic beats (A, a, J, S).</summary>
    Supraventricular,
    /// <summary>Ventricular ectopic beats (V, E).</summary>
    Ventricular,
    /// <summary>Fusion of a ventricular and a normal beat (F).</summary>
    Fusion,
    /// <summary>Paced, paced fusion and unclassifiable beats (/, f, Q).</summary>
    Unknown,
}

/// <summary>Maps MIT-BIH symbols to beat classes.</summary>
public static class BeatClasses
{
    /// <summary>The class of a beat symbol, or null when the symbol does not mark a beat (rhythm, noise, waveform marks).</summary>
    public static BeatClass? Of(char symbol) => symbol switch
    {
        'N' or 'L' or 'R' or 'e' or 'j' => BeatClass.Normal,
        'A' or 'a' or 'J' or 'S' => BeatClass.Supraventricular,
        'V' or 'E' => BeatClass.Ventricular,
        'F' => BeatClass.Fusion,
        '/' or 'f' or 'Q' => BeatClass.Unknown,
        _ => null,
    };

    /// <summary>The answer's label for a class: <c>normal</c>, or <c>abnormal</c> for every other class.</summary>
    public static string Label(BeatClass beatClass) => beatClass == BeatClass.Normal ? "normal" : "abnormal";
}
