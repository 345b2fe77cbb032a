using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference;
using OpenCvSharp;

namespace Lepton.Tests.Inference.Vision;

public sealed class CocoModelTests
{
    [Fact]
    public void Both_tiers_see_the_walkers_of_a_real_clip_and_the_cloud_sees_fewer_that_are_none()
    {
        var data = Environment.GetEnvironmentVariable("LEPTON_DATA");
        var clip = Path.Combine(data ?? "", "traffic", "vtest.avi");
        Assert.SkipUnless(data is not null && File.Exists(clip) && Directory.Exists(Path.Combine(data, "models")), "LEPTON_DATA is not set to a folder with traffic/vtest.avi and models/: the COCO models are not tried.");
        using var edge = Street.Load("edge", data);
        using var cloud = Street.Load("cloud", data);
        Assert.Equal(("fastestdet/1", "yolox-nano/1"), (edge.Model.Id, cloud.Model.Id));

        using var video = new VideoCapture(clip);
        using var frame = new Mat();
        var (below, above) = (new List<Answer>(), new List<Answer>());
        for (var i = 0; i < 60 && video.Read(frame); i++)
        {
            if (i % 20 == 10)
            {
                Cv2.ImEncode(".jpg", frame, out var jpeg);
                below.Add(Street.Ask(edge, "vtest", jpeg));
                above.Add(Street.Ask(cloud, "vtest", jpeg));
            }
        }

        foreach (var (low, high) in below.Zip(above))
        {
            var people = high.Boxes!.Where(box => box.Label == "person" && box.Score > 0.5).ToArray();
            Assert.InRange(people.Length, 3, 12);
            Assert.All(high.Boxes!, box => Assert.True(box.X >= 0 && box.Y >= 0 && box.X + box.Width <= 768.1 && box.Y + box.Height <= 576.1, box.ToString()));
            // What the cloud is sure of, the edge mostly finds too, in the same place; and it is unsure of the frame as a whole.
            Assert.True(people.Count(person => low.Boxes!.Any(box => box.Label == "person" && box.Overlap(person) > 0.5)) >= people.Length / 2, $"edge {low.Boxes!.Length} boxes, cloud {people.Length} people");
            Assert.True(low.Uncertainty > 0.5, $"uncertainty {low.Uncertainty}");
        }
    }

    [Fact]
    public void Without_real_data_the_pipeline_takes_the_models_of_the_repository()
    {
        using var edge = Street.Load("edge", null);
        using var cloud = Street.Load("cloud", null);
        Assert.Equal(("street-edge/1", "street-cloud/1"), (edge.Model.Id, cloud.Model.Id));
    }
}
