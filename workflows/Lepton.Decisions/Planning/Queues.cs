namespace Lepton.Decisions.Planning;

/// <summary>Waiting times of a queue with several servers and general arrivals and services, after Erlang, Allen and Cunneen.</summary>
public static class Queues
{
    /// <summary>Erlang's C: the probability that an event waits, with <paramref name="load"/> = rate x service seconds; 1 for an overloaded queue.</summary>
    public static double Waits(int servers, double load)
    {
        if (load >= servers)
        {
            return 1;
        }

        var b = 1.0;
        for (var k = 1; k <= servers; k++)
        {
            b = load * b / (k + (load * b));
        }

        var busy = load / servers;
        return b / (1 - busy + (busy * b));
    }

    /// <summary>Mean seconds of waiting; infinite for an overloaded queue.</summary>
    /// <param name="servers">Number of servers.</param>
    /// <param name="rate">Arrivals per second.</param>
    /// <param name="service">Mean seconds of service.</param>
    /// <param name="variation">Sum of the squared coefficients of variation of arrivals and services.</param>
    public static double MeanWait(int servers, double rate, double service, double variation)
    {
        var spare = (servers / service) - rate;
        return spare > 0 ? Waits(servers, rate * service) / spare * variation / 2 : double.PositiveInfinity;
    }

    /// <summary>The quantile of waiting, in seconds: an exponential tail with the same mean.</summary>
    public static double WaitQuantile(int servers, double rate, double service, double variation, double quantile)
    {
        var spare = (servers / service) - rate;
        return spare > 0 ? Math.Max(0, Math.Log(Waits(servers, rate * service) / (1 - quantile)) * variation / 2 / spare) : double.PositiveInfinity;
    }

    /// <summary>The quantile of a standard normal distribution for p from 0.5 to 1, rounded to three decimals as printed tables have it (0.95: 1.645).</summary>
    public static double NormalQuantile(double p)
    {
        double low = 0, high = 10;
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = NormalCdf(middle) < p ? (middle, high) : (low, middle);
        }

        return Math.Round((low + high) / 2, 3);
    }

    // 1/2 + density(x) * (x + x^3/3 + x^5/(3*5) + ...), which converges everywhere.
    private static double NormalCdf(double x)
    {
        double term = x, sum = x;
        for (var k = 3; term > 1e-17 * sum && k < 1000; k += 2)
        {
            term *= x * x / k;
            sum += term;
        }

        return 0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }
}
