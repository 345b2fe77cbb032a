namespace Lepton.Decisions.Gates;

/// <summary>Solves symmetric positive definite systems.</summary>
internal static class Cholesky
{
    /// <summary>The x of A x = b from the lower triangle of A, which is overwritten; null when A is not positive definite.</summary>
    public static double[]? Solve(double[,] a, ReadOnlySpan<double> b)
    {
        var n = b.Length;
        for (var j = 0; j < n; j++)
        {
            for (var k = 0; k < j; k++)
            {
                for (var i = j; i < n; i++)
                {
                    a[i, j] -= a[i, k] * a[j, k];
                }
            }

            if (!(a[j, j] > 1e-12))
            {
                return null;
            }

            var root = Math.Sqrt(a[j, j]);
            for (var i = j; i < n; i++)
            {
                a[i, j] /= root;
            }
        }

        var x = b.ToArray();
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
            {
                x[i] -= a[i, k] * x[k];
            }

            x[i] /= a[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
            {
                x[i] -= a[k, i] * x[k];
            }

            x[i] /= a[i, i];
        }

        return x;
    }
}
