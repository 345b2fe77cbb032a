using Lepton.Inference.Sources.Street;
using Lepton.Inference.Vision;

namespace Lepton.Tests.Inference.Vision;

public sealed class StreetModelTests
{
    // Seeds that no model was trained on (those are 100000 and up); the model cards hold the figures over more of them.
    private static readonly int[] Seeds = [301, 302, 303, 304, 305, 306];

    [Fact]
    public void The_committed_models_keep_their_scores_and_asking_the_cloud_pays()
    {
        using var cloud = Street.Load("cloud", null);
        var (edgeAlone, cloudAlone, final, escalated) = (new Sum(), new Sum(), new Sum(), 0);
        foreach (var seed in Seeds)
        {
            using var edge = Street.Load("edge", null);
            using var street = new StreetScene(seed, 1, framesPerSecond: 2.5);
            for (var i = 0; i < 60; i++)
            {
                var frame = street.Next();
                TrueBox[] truth = [.. frame.Objects.Select(seen => new TrueBox(seen.Label, seen.X, seen.Y, seen.Width, seen.Height, seen.Visible < StreetScene.CountsFrom))];
                var (low, high) = (Street.Ask(edge, "camera", frame.Jpeg), Street.Ask(cloud, "camera", frame.Jpeg));
                var asked = low.Uncertainty >= 0.3;
                escalated += asked ? 1 : 0;
                edgeAlone.Add(FrameMatch.Of(low.Boxes!, truth));
                cloudAlone.Add(FrameMatch.Of(high.Boxes!, truth));
                final.Add(FrameMatch.Of(asked ? high.Boxes! : low.Boxes!, truth));
            }
        }
        var figures = $"edge {edgeAlone}; cloud {cloudAlone}; final {final}; escalated {escalated} of {final.Frames}";
        Assert.True(edgeAlone.Right >= 0.58, figures);
        Assert.True(cloudAlone.Right >= 0.74 && cloudAlone.Recall >= 0.86, figures);
        Assert.True(final.Right >= edgeAlone.Right + 0.1 && final.Right >= cloudAlone.Right - 0.03 && escalated <= 0.5 * final.Frames, figures);
    }

    private sealed class Sum
    {
        private int right, found, objects;

        public int Frames { get; private set; }

        public double Right => (double)right / Frames;

        public double Recall => (double)found / objects;

        public void Add(FrameMatch match) => (Frames, right, found, objects) = (Frames + 1, right + (match.Right ? 1 : 0), found + match.Found, objects + match.Objects);

        public override string ToString() => $"{Right:0.000} of frames right, recall {Recall:0.000}";
    }
}
