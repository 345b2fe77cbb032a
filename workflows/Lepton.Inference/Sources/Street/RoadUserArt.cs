using OpenCvSharp;

namespace Lepton.Inference.Sources.Street;

/// <summary>How each kind of road user looks from the side: x forward from its rear end, y up from the ground, in metres.</summary>
internal static class RoadUserArt
{
    private static readonly Scalar Tyre = new(28, 28, 30), Glass = new(92, 80, 66), Skin = new(120, 150, 200), Dark = new(40, 38, 36);

    public static void Draw(Brush brush, RoadUser user, bool lights)
    {
        switch (user.Kind)
        {
            case RoadUserKind.Person: Person(brush, user); break;
            case RoadUserKind.Bicycle: Bicycle(brush, user); break;
            case RoadUserKind.Car: Car(brush, user); break;
            case RoadUserKind.Van: Van(brush, user); break;
            case RoadUserKind.Truck: Truck(brush, user); break;
            default: Bus(brush, user); break;
        }
        if (lights && user.Kind > RoadUserKind.Bicycle)
        {
            brush.Lamp(new Scalar(200, 245, 255), user.Length - 0.1, 0.65, 0.13);
            brush.Lamp(new Scalar(30, 30, 230), 0.08, 0.7, 0.1);
        }
    }

    private static void Person(Brush brush, RoadUser user)
    {
        var (h, middle) = (user.Height, user.Length / 2);
        var swing = 0.22 * Math.Sin(user.Walked * 4.2);
        brush.Bar(user.Trim, middle, h * 0.5, middle + swing, 0, 0.16);
        brush.Bar(user.Trim, middle, h * 0.5, middle - swing, 0, 0.16);
        brush.Block(user.Paint, middle - 0.2, h * 0.46, middle + 0.2, h * 0.84);
        brush.Bar(user.Paint, middle, h * 0.78, middle - swing * 1.3, h * 0.48, 0.12);
        brush.Bar(user.Paint, middle, h * 0.78, middle + swing * 1.3, h * 0.48, 0.12);
        brush.Disc(Skin, middle, h * 0.92, h * 0.075);
    }

    private static void Bicycle(Brush brush, RoadUser user)
    {
        var h = user.Height;
        var pedal = 0.17 * Math.Sin(user.Walked * 3);
        brush.Ring(Tyre, 0.35, 0.34, 0.34);
        brush.Ring(Tyre, 1.45, 0.34, 0.34);
        brush.Bar(user.Trim, 0.35, 0.34, 0.85, 0.34, 0.06);
        brush.Bar(user.Trim, 0.85, 0.34, 1.3, 0.8, 0.06);
        brush.Bar(user.Trim, 0.35, 0.34, 0.62, 0.8, 0.06);
        brush.Bar(user.Trim, 0.62, 0.8, 1.3, 0.8, 0.06);
        brush.Bar(Dark, 1.45, 0.34, 1.25, 0.98, 0.06);
        brush.Bar(Dark, 0.65, 0.92, 0.9 + pedal, 0.3, 0.15);
        brush.Bar(Dark, 0.65, 0.92, 0.9 - pedal, 0.4, 0.15);
        brush.Shape(user.Paint, (0.5, 0.88), (0.8, 0.88), (1.08, h * 0.82), (0.8, h * 0.84));
        brush.Bar(user.Paint, 0.98, h * 0.78, 1.26, 1.0, 0.1);
        brush.Disc(Skin, 1.06, h * 0.92, 0.13);
    }

    private static void Car(Brush brush, RoadUser user)
    {
        var (l, h) = (user.Length, user.Height);
        var back = user.Style < 0.5 ? 0.03 : 0.16;
        brush.Shape(user.Paint, (0, 0.22), (l, 0.22), (l, 0.62), (l * 0.78, 0.84), (0, 0.86));
        brush.Shape(user.Paint, (l * back, 0.8), (l * 0.78, 0.8), (l * 0.58, h), (l * (back + 0.12), h));
        brush.Shape(Glass, (l * (back + 0.05), 0.86), (l * 0.42, 0.86), (l * 0.42, h - 0.09), (l * (back + 0.14), h - 0.09));
        brush.Shape(Glass, (l * 0.45, 0.86), (l * 0.72, 0.86), (l * 0.565, h - 0.09), (l * 0.45, h - 0.09));
        Wheels(brush, 0.32, l * 0.2, l * 0.8);
    }

    private static void Van(Brush brush, RoadUser user)
    {
        var (l, h) = (user.Length, user.Height);
        brush.Shape(user.Paint, (0, 0.25), (l, 0.25), (l, 0.95), (l * 0.86, 1.15), (l * 0.74, h), (0, h));
        brush.Shape(Glass, (l * 0.64, 1.2), (l * 0.82, 1.2), (l * 0.73, h - 0.2), (l * 0.64, h - 0.2));
        brush.Bar(Dark, l * 0.32, 0.4, l * 0.32, h - 0.1, 0.04);
        if (user.Style > 0.5)
        {
            brush.Block(user.Trim, l * 0.06, 0.9, l * 0.56, 1.25);
        }
        Wheels(brush, 0.36, l * 0.18, l * 0.82);
    }

    private static void Truck(Brush brush, RoadUser user)
    {
        var (l, h) = (user.Length, user.Height);
        var cab = 2.1;
        brush.Block(Dark, 0.1, 0.45, l - 0.2, 0.8);
        if (user.Style < 0.65)
        {
            brush.Block(user.Trim, 0, 0.85, l - cab - 0.35, h);
        }
        else
        {
            // A tipper: a lower, slanted load.
            brush.Shape(user.Trim, (0, 1.0), (l - cab - 0.35, 0.85), (l - cab - 0.35, h * 0.78), (0, h * 0.7));
        }
        brush.Shape(user.Paint, (l - cab, 0.4), (l, 0.4), (l, 1.5), (l - 0.35, h * 0.84), (l - cab, h * 0.84));
        brush.Shape(Glass, (l - 1.2, 1.5), (l - 0.12, 1.5), (l - 0.42, h * 0.78), (l - 1.2, h * 0.78));
        Wheels(brush, 0.48, 1.0, 2.1, l - 1.1);
    }

    private static void Bus(Brush brush, RoadUser user)
    {
        var (l, h) = (user.Length, user.Height);
        brush.Shape(user.Paint, (0, 0.3), (l, 0.3), (l, h - 0.3), (l - 0.25, h), (0.1, h));
        brush.Block(user.Trim, 0, 0.75, l, 1.05);
        var pane = (l - 0.9) / 7;
        for (var i = 0; i < 7; i++)
        {
            brush.Block(Glass, 0.4 + i * pane, 1.35, 0.4 + (i + 0.86) * pane, h - 0.5);
        }
        brush.Block(Glass, l - 0.35, 1.1, l - 0.04, h - 0.45);
        Wheels(brush, 0.48, l * 0.24, l * 0.78);
    }

    private static void Wheels(Brush brush, double radius, params ReadOnlySpan<double> at)
    {
        foreach (var x in at)
        {
            brush.Disc(Tyre, x, radius, radius);
            brush.Disc(new Scalar(150, 150, 150), x, radius, radius * 0.45);
        }
    }
}
