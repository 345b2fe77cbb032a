namespace Lepton.Contracts.Events;

/// <summary>What one tier says of an event. Which members are set depends on the kind of model: label and scores, boxes, or a value.</summary>
public sealed record Answer
{
    /// <summary>The tier that answered: edge, fog or cloud.</summary>
    public required string Tier { get; init; }

    /// <summary>The model that answered, as <c>name/version</c>.</summary>
    public required string Model { get; init; }

    /// <summary>The label with the best score; for a detector the most frequent label or <c>empty</c>; null for a regression.</summary>
    public string? Label { get; init; }

    /// <summary>One score from 0 to 1 per label, in the order of <see cref="Labels"/>, adding up to 1; null when the model gives none.</summary>
    public double[]? Scores { get; init; }

    /// <summary>The labels that <see cref="Scores"/> belong to.</summary>
    public string[]? Labels { get; init; }

    /// <summary>Boxes in pixels of the event's own image; null when the model is no detector.</summary>
    public Box[]? Boxes { get; init; }

    /// <summary>The value of a regression, in the model's unit; null otherwise.</summary>
    public double? Value { get; init; }

    /// <summary>How unsure the tier is, from 0 (sure) to 1; what the gate compares. Null when the answer carries no measure of it: the gate then does not accept.</summary>
    public double? Uncertainty { get; init; }
}

/// <summary>One detected object.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Score">How sure the model is, from 0 to 1.</param>
/// <param name="X">Left edge in pixels.</param>
/// <param name="Y">Upper edge in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public sealed record Box(string Label, double Score, double X, double Y, double Width, double Height)
{
    /// <summary>Area shared with another box over the area of both together, 0..1; labels are not compared.</summary>
    public double Overlap(Box other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var width = Math.Min(X + Width, other.X + other.Width) - Math.Max(X, other.X);
        var height = Math.Min(Y + Height, other.Y + other.Height) - Math.Max(Y, other.Y);
        if (width <= 0 || height <= 0)
        {
            return 0;
        }

        var shared = width * height;
        return shared / ((Width * Height) + (other.Width * other.Height) - shared);
    }
}
