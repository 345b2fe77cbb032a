using System.Text.Json;
using Lepton.Contracts.Resources;
using Lepton.Inference.Sources;
using Lepton.Inference.Vision;
using OpenCvSharp;

namespace Lepton.Tests.Inference.Vision;

public sealed class FrameReaderTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Rendered_cameras_take_turns_and_bring_their_truth_with_them()
    {
        var first = await Take(new ReadRequest { Start = Start, Input = "simulator", Seed = 5, Run = "r1" }, 4);
        var again = await Take(new ReadRequest { Start = Start, Input = "simulator", Seed = 5, Run = "r1" }, 4);

        Assert.Equal(["urn:lepton:device:street-camera-1/r1-0-1", "urn:lepton:device:street-camera-2/r1-0-1", "urn:lepton:device:street-camera-1/r1-0-2", "urn:lepton:device:street-camera-2/r1-0-2"],
            first.Select(one => $"{one.Device}/{one.Id}"));
        Assert.Equal(Start.AddMilliseconds(400), first[2].Time);
        Assert.Equal(first.Select(one => one.Data.ToArray()), again.Select(one => one.Data.ToArray()));
        foreach (var one in first)
        {
            Assert.Null(ImageAdmission.Refuse(one.ContentType, one.Data.Span));
            using var truth = JsonDocument.Parse(one.Truth!);
            Assert.All(truth.RootElement.GetProperty("boxes").EnumerateArray(), box => Assert.True(box.GetProperty("width").GetInt32() > 0 && box.TryGetProperty("hidden", out _)));
        }
    }

    [Fact]
    public async Task A_clip_is_read_at_the_rate_asked_for_and_begins_again()
    {
        var clip = Path.Combine(Path.GetTempPath(), $"lepton-{Guid.NewGuid():N}.avi");
        try
        {
            using (var writer = new VideoWriter(clip, FourCC.MJPG, 10, new Size(160, 96)))
            {
                using var picture = new Mat(96, 160, MatType.CV_8UC3);
                for (var i = 0; i < 10; i++)
                {
                    picture.SetTo(Scalar.All(20 * i));
                    writer.Write(picture);
                }
            }
            var events = await Take(new ReadRequest { Start = Start, Input = clip, Run = "r", Repeat = true }, 7);

            // 10 frames a second, an event each 200 ms: every second frame.
            Assert.Equal(["r-0-1", "r-0-3", "r-0-5", "r-0-7", "r-0-9", "r-1-1", "r-1-3"], events.Select(one => one.Id));
            Assert.Equal(Start.AddMilliseconds(1200), events[6].Time);
            Assert.All(events, one => Assert.Null(one.Truth));
            using var third = Cv2.ImDecode(events[2].Data.Span, ImreadModes.Grayscale);
            Assert.InRange(third.At<byte>(40, 80), 70, 90);
        }
        finally
        {
            File.Delete(clip);
        }
    }

    private static async Task<List<SourceEvent>> Take(ReadRequest request, int count)
    {
        var faults = new List<Fault>();
        var reader = EventReader.Open(Street.Pipeline, request, faults);
        Assert.True(reader is not null, string.Join('\n', faults));
        var events = new List<SourceEvent>();
        await foreach (var one in reader!.Read(TestContext.Current.CancellationToken))
        {
            events.Add(one);
            if (events.Count == count)
            {
                break;
            }
        }
        return events;
    }
}
