using Lepton.Inference.Vision;

namespace Lepton.Tests.Inference.Vision;

public sealed class BoxDecoderTests
{
    [Fact]
    public void Yolox_cells_of_all_strides_become_boxes_in_input_pixels()
    {
        // 64x32 with strides 8, 16, 32: 8x4 + 4x2 + 2x1 cells; the cell in column 1 of the last stride is the last row.
        var decoder = new YoloxDecoder(64, 32, [8, 16, 32], labels: 3);
        var output = new float[decoder.Values];
        Assert.Equal((32 + 8 + 2) * 8, output.Length);
        Cell(output, 8, 8 * 2 + 3, 0.5f, 0.25f, MathF.Log(2), MathF.Log(1), 0.9f, [0, 0.8f, 0.1f]);
        Cell(output, 8, 41, 0.25f, 0.5f, MathF.Log(0.5f), MathF.Log(0.75f), 0.5f, [1, 0, 0]);

        var found = new List<Detection>();
        decoder.Decode(output, 0.3f, found);

        Assert.Equal(2, found.Count);
        Same(new Detection((3.5f * 8) - 8, (2.25f * 8) - 4, 16, 8, 0.72f, 1), found[0]);
        Same(new Detection((1.25f * 32) - 8, (0.5f * 32) - 12, 16, 24, 0.5f, 0), found[1]);
    }

    [Fact]
    public void FastestDet_planes_become_boxes_by_its_own_score()
    {
        // A grid of 2 rows and 4 columns over 64x32; the object is in row 1, column 2.
        var decoder = new FastestDetDecoder(64, 32, rows: 2, columns: 4, labels: 2);
        var output = new float[decoder.Values];
        Assert.Equal(7 * 8, output.Length);
        const int cell = 6;
        float[] values = [0.81f, MathF.Atanh(0.5f), MathF.Atanh(-0.25f), 0, MathF.Log(3), 0.2f, 0.64f];
        for (var plane = 0; plane < values.Length; plane++)
        {
            output[(plane * 8) + cell] = values[plane];
        }

        var found = new List<Detection>();
        decoder.Decode(output, 0.5f, found);

        var box = Assert.Single(found);
        Same(new Detection((2.5f / 4 * 64) - 16, (0.75f / 2 * 32) - 12, 32, 24, MathF.Pow(0.81f, 0.6f) * MathF.Pow(0.64f, 0.4f), 1), box);
    }

    [Fact]
    public void Scores_below_the_floor_and_numbers_that_are_not_finite_make_no_box()
    {
        var decoder = new YoloxDecoder(16, 8, [8], labels: 1);
        var output = new float[decoder.Values];
        Cell(output, 6, 0, 0, 0, float.NaN, 0, 0.9f, [0.9f]);
        Cell(output, 6, 1, 0, 0, 0, 0, 0.5f, [0.5f]);

        var found = new List<Detection>();
        decoder.Decode(output, 0.3f, found);

        Assert.Empty(found);
    }

    [Fact]
    public void The_better_of_two_boxes_of_one_object_is_kept()
    {
        List<Detection> found =
        [
            new(0, 0, 10, 10, 0.6f, 0), new(1, 0, 10, 10, 0.9f, 0), new(1, 0, 10, 10, 0.8f, 1), new(30, 0, 10, 10, 0.5f, 0), new(4, 0, 10, 10, 0.4f, 0),
        ];
        Suppression.Keep(found, 0.5f, perLabel: true);
        // The box at 4 shares 7 of 13 with that at 1: more than half, so it goes too.
        Assert.Equal([0.9f, 0.8f, 0.5f], found.Select(box => box.Score));

        Suppression.Keep(found, 0.5f, perLabel: false);
        Assert.Equal([0.9f, 0.5f], found.Select(box => box.Score));
    }

    private static void Cell(float[] output, int columns, int row, float x, float y, float w, float h, float objectness, float[] scores)
    {
        float[] values = [x, y, w, h, objectness, .. scores];
        values.CopyTo(output, row * columns);
    }

    private static void Same(Detection expected, Detection actual)
    {
        Assert.Equal(expected.Label, actual.Label);
        Assert.Equal(expected.X, actual.X, 1e-3f);
        Assert.Equal(expected.Y, actual.Y, 1e-3f);
        Assert.Equal(expected.Width, actual.Width, 1e-3f);
        Assert.Equal(expected.Height, actual.Height, 1e-3f);
        Assert.Equal(expected.Score, actual.Score, 1e-4f);
    }
}
