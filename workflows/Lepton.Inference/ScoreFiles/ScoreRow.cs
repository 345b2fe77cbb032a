namespace Lepton.Inference.ScoreFiles;

/// <summary>One event of a score file. Scores and inputs are the reader's own arrays: they change with the next row.</summary>
/// <param name="classes">Number of score columns.</param>
/// <param name="inputs">Number of input columns.</param>
public sealed class ScoreRow(int classes, int inputs)
{
    /// <summary>Counted from 1 over the good rows of the file.</summary>
    public long Number { get; set; }

    /// <summary>The id, or the number of the line where there is none.</summary>
    public string Id { get; set; } = "";

    /// <summary>One probability per class.</summary>
    public double[] Scores { get; } = new double[classes];

    /// <summary>The columns x...</summary>
    public float[] Inputs { get; } = new float[inputs];

    /// <summary>The scores of a frame's boxes; null without such a column.</summary>
    public double[]? Boxes { get; set; }

    /// <summary>The class that the reference says.</summary>
    public int Reference { get; set; }

    /// <summary>What the event truly was; the reference where the file does not say.</summary>
    public int Truth { get; set; }

    /// <summary>What sending the event up would cost; 0 without such a column.</summary>
    public long Bytes { get; set; }
}
