using Lepton.Contracts.Events;

namespace Lepton.Inference.Vision;

/// <summary>An object that is really in a frame.</summary>
/// <param name="Label">What it is.</param>
/// <param name="X">Left edge, pixels.</param>
/// <param name="Y">Upper edge, pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Hidden">True when too little of it can be seen: to find it is then neither right nor wrong.</param>
public readonly record struct TrueBox(string Label, double X, double Y, double Width, double Height, bool Hidden);

/// <summary>
/// How well the boxes of one frame agree with what is in it. An object is found when a box of its label overlaps it by half (shared over joint
/// area); each box finds at most one object. A frame is right when every object is found and no box is false.
/// </summary>
/// <param name="Found">Objects found.</param>
/// <param name="Objects">Objects that should be found.</param>
/// <param name="False">Boxes that are none of them.</param>
public readonly record struct FrameMatch(int Found, int Objects, int False)
{
    private const double SameObject = 0.5;

    /// <summary>Every object found, and nothing else.</summary>
    public bool Right => Found == Objects && False == 0;

    /// <summary>Compares boxes with the truth; no boxes are an empty answer.</summary>
    public static FrameMatch Of(IReadOnlyList<Box> boxes, IReadOnlyList<TrueBox> truth)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        ArgumentNullException.ThrowIfNull(truth);
        var taken = new bool[truth.Count];
        var (found, wrong) = (0, 0);
        foreach (var box in boxes.OrderByDescending(box => box.Score))
        {
            var (best, most) = (-1, SameObject);
            for (var i = 0; i < truth.Count; i++)
            {
                // An object in plain sight is preferred to a hidden one that lies the same way.
                var overlap = taken[i] || truth[i].Label != box.Label ? 0 : Overlap(box, truth[i]) - (truth[i].Hidden ? 1e-3 : 0);
                (best, most) = overlap >= most ? (i, overlap) : (best, most);
            }
            if (best >= 0)
            {
                taken[best] = true;
                found += truth[best].Hidden ? 0 : 1;
            }
            else if (!truth.Any(seen => seen.Hidden && Overlap(box, seen) >= SameObject))
            {
                wrong++;
            }
        }
        return new FrameMatch(found, truth.Count(seen => !seen.Hidden), wrong);
    }

    private static double Overlap(Box box, TrueBox truth) => box.Overlap(new Box(truth.Label, 1, truth.X, truth.Y, truth.Width, truth.Height));
}
