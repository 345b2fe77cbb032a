namespace Lepton.Cli.Gates;

/// <summary>One event of a score file. Scores and inputs are the reader's own arrays: they change with the next row.</summary>
internal sealed class ScoreRow(int classes, int inputs)
{
    public long Number { get; set; }

    public string Id { get; set; } = "";

    public double[] Scores { get; } = new double[classes];

    public float[] Inputs { get; } = new float[inputs];

    public int Reference { get; set; }

    public long Bytes { get; set; }
}
