using OpenCvSharp;

namespace Lepton.Inference.Sources.Street;

/// <summary>What can be seen on the street; the name in lower case is the label.</summary>
internal enum RoadUserKind { Person, Bicycle, Car, Van, Truck, Bus }

/// <summary>A strip that road users follow from one side of the picture to the other.</summary>
/// <param name="Baseline">Height of the ground under them at the left edge, pixels from the top.</param>
/// <param name="Slope">How far the ground falls per pixel to the right.</param>
/// <param name="Scale">Pixels per metre: the nearer, the larger.</param>
/// <param name="Direction">1 to the right, -1 to the left, 0 both ways.</param>
/// <param name="Arrivals">Road users a second, on average.</param>
/// <param name="Kinds">Who uses it, with their shares.</param>
/// <param name="Stops">Whether its users wait at the red light.</param>
internal sealed record Lane(double Baseline, double Slope, double Scale, int Direction, double Arrivals, (RoadUserKind Kind, double Share)[] Kinds, bool Stops)
{
    public double GroundAt(double x) => Baseline + Slope * x;
}

/// <summary>One road user: where it is along its lane, in metres from where it entered, and how it looks.</summary>
internal sealed class RoadUser
{
    public required RoadUserKind Kind { get; init; }
    public required Lane Lane { get; init; }
    public required int Direction { get; init; }
    public required double Length { get; init; }
    public required double Height { get; init; }
    public required double Cruise { get; init; }
    public required Scalar Paint { get; init; }
    public required Scalar Trim { get; init; }
    /// <summary>0..1, decides the details of the shape.</summary>
    public required double Style { get; init; }
    public double Front { get; set; }
    public double Speed { get; set; }
    public double Walked { get; set; }

    public static RoadUser Arrive(Lane lane, Random dice)
    {
        var kind = Pick(lane.Kinds, dice.NextDouble());
        var (length, height, cruise) = kind switch
        {
            RoadUserKind.Person => (0.75, Between(dice, 1.5, 1.95), Between(dice, 1.0, 1.9)),
            RoadUserKind.Bicycle => (1.8, Between(dice, 1.7, 1.85), Between(dice, 3.5, 6)),
            RoadUserKind.Car => (Between(dice, 3.7, 4.8), Between(dice, 1.4, 1.65), Between(dice, 7, 13)),
            RoadUserKind.Van => (Between(dice, 4.9, 6.0), Between(dice, 2.1, 2.6), Between(dice, 7, 11)),
            RoadUserKind.Truck => (Between(dice, 7.0, 10.0), Between(dice, 3.1, 3.7), Between(dice, 6, 9)),
            _ => (Between(dice, 9.5, 12.0), Between(dice, 2.8, 3.2), Between(dice, 6, 9)),
        };
        var grey = dice.NextDouble() < 0.4;
        var paint = grey ? Scalar.All(Between(dice, 30, 235)) : new Scalar(Between(dice, 10, 230), Between(dice, 10, 230), Between(dice, 10, 230));
        var trim = new Scalar(Between(dice, 20, 220), Between(dice, 20, 220), Between(dice, 20, 220));
        return new RoadUser
        {
            Kind = kind, Lane = lane, Direction = lane.Direction != 0 ? lane.Direction : dice.Next(2) * 2 - 1,
            Length = length, Height = height, Cruise = cruise, Speed = cruise, Paint = paint, Trim = trim, Style = dice.NextDouble(),
        };
    }

    private static double Between(Random dice, double low, double high) => low + dice.NextDouble() * (high - low);

    private static RoadUserKind Pick((RoadUserKind Kind, double Share)[] kinds, double at)
    {
        foreach (var (kind, share) in kinds)
        {
            if ((at -= share) < 0)
            {
                return kind;
            }
        }
        return kinds[^1].Kind;
    }
}
