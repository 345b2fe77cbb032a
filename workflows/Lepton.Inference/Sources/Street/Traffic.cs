namespace Lepton.Inference.Sources.Street;

/// <summary>Moves the road users of one street: Poisson arrivals per lane, nobody drives into the one ahead, and a light turns red now and then.</summary>
internal sealed class Traffic
{
    private const double RedEvery = 38, RedFor = 7, Gap = 1.6;

    private readonly Lane[] lanes;
    private readonly double width;
    private readonly Random dice;
    private readonly double[] nextArrival;
    private readonly double lightOffset, stopLine;
    private double clock;

    /// <summary>Users in drawing order of their lanes: far ones first.</summary>
    public List<RoadUser>[] Users { get; }

    public Traffic(Lane[] lanes, double width, Random dice)
    {
        (this.lanes, this.width, this.dice) = (lanes, width, dice);
        Users = [.. lanes.Select(_ => new List<RoadUser>())];
        nextArrival = [.. lanes.Select(lane => Wait(lane.Arrivals))];
        lightOffset = dice.NextDouble() * RedEvery;
        stopLine = width * (0.55 + 0.2 * dice.NextDouble());
    }

    /// <summary>Advances by <paramref name="seconds"/> in steps small enough that a car brakes smoothly.</summary>
    public void Advance(double seconds)
    {
        var steps = Math.Max(1, (int)Math.Ceiling(seconds / 0.1));
        for (var i = 0; i < steps; i++)
        {
            Step(seconds / steps);
        }
    }

    private void Step(double dt)
    {
        clock += dt;
        var red = (clock + lightOffset) % RedEvery < RedFor;
        for (var i = 0; i < lanes.Length; i++)
        {
            var (lane, users) = (lanes[i], Users[i]);
            var metres = width / lane.Scale;
            if (clock >= nextArrival[i])
            {
                var user = RoadUser.Arrive(lane, dice);
                var last = lane.Direction == 0 || users.Count == 0 ? null : users[^1];
                if (last is null || last.Front - last.Length > Gap)
                {
                    users.Add(user);
                    nextArrival[i] = clock + Wait(lane.Arrivals);
                }
            }
            for (var u = 0; u < users.Count; u++)
            {
                Move(users[u], u > 0 && lane.Direction != 0 ? users[u - 1] : null, red, dt);
            }
            users.RemoveAll(user => user.Front - user.Length > metres + 0.5);
        }
    }

    private void Move(RoadUser user, RoadUser? ahead, bool red, double dt)
    {
        var free = ahead is null ? double.PositiveInfinity : ahead.Front - ahead.Length - Gap - user.Front;
        if (red && user.Lane.Stops)
        {
            var line = (user.Direction > 0 ? stopLine : width - stopLine) / user.Lane.Scale - user.Front;
            if (line > -0.5)
            {
                free = Math.Min(free, line);
            }
        }
        // Braking at 4 m/s2 stops within v2/8 metres; pulling away gains 2.5 m/s a second.
        var safe = free <= 0 ? 0 : Math.Sqrt(8 * free);
        user.Speed = Math.Min(Math.Min(user.Cruise, user.Speed + 2.5 * dt), safe);
        var step = Math.Min(user.Speed * dt, Math.Max(0, free));
        user.Front += step;
        user.Walked += step;
    }

    private double Wait(double arrivals) => -Math.Log(1 - dice.NextDouble()) / arrivals;
}
