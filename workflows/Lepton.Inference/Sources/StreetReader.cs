using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Lepton.Contracts.Resources;
using Lepton.Inference.Sources.Street;
using Lepton.Inference.Vision;

namespace Lepton.Inference.Sources;

// Frames of rendered streets, each camera a device, with the boxes that were drawn as their truth.
//   - {reader: street-simulator, cameras: 2, every: 400ms, length: 30m}
internal sealed class StreetReader : EventReader
{
    private readonly ReadRequest request;
    private readonly TimeSpan every, length;
    private readonly int cameras;

    private StreetReader(ReadRequest request, int cameras, TimeSpan every, TimeSpan length) =>
        (this.request, this.cameras, this.every, this.length) = (request, cameras, every, length);

    public override string Description => $"{cameras} rendered street camera{(cameras == 1 ? "" : "s")}, seed {request.Seed}";

    internal static EventReader? Open(Pipeline pipeline, ReplaySource source, ReadRequest request)
    {
        var cameras = source.Options.WholeNumber("cameras", 2, 1, 64);
        var every = source.Options.Duration("every", TimeSpan.FromMilliseconds(400));
        var length = source.Options.Duration("length", TimeSpan.FromMinutes(30));
        source.Options.Close();
        if (every <= TimeSpan.Zero || length < every)
        {
            source.Options.Report("every", $"is {every.TotalSeconds} s of {length.TotalSeconds} s", "write a time above 0 and below `length`, such as `every: 400ms`");
            return null;
        }
        return VisionRuntime.Report(source.Options, "reader") ? null : new StreetReader(request, cameras, every, length);
    }

    public override async IAsyncEnumerable<SourceEvent> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var frames = (int)(length / every);
        for (var round = 0; round == 0 || request.Repeat; round++)
        {
            var scenes = Enumerable.Range(1, cameras).Select(camera => new StreetScene(unchecked(request.Seed + 1000 * round), camera, 1 / every.TotalSeconds)).ToArray();
            try
            {
                for (var i = 0; i < frames; i++)
                {
                    for (var camera = 0; camera < cameras; camera++)
                    {
                        // 3 ms of drawing: not on the caller's thread.
                        var scene = scenes[camera];
                        var frame = await Task.Run(scene.Next, cancellationToken).ConfigureAwait(false);
                        yield return new SourceEvent($"urn:lepton:device:street-camera-{camera + 1}", $"{request.Run}-{round}-{i + 1}",
                            request.Start + every * (round * (double)frames + i), "image/jpeg", frame.Jpeg, Truth(frame.Objects));
                    }
                }
            }
            finally
            {
                Array.ForEach(scenes, scene => scene.Dispose());
            }
        }
    }

    /// <summary>The truth of a frame as the report reads it: <c>{"boxes": [{label, x, y, width, height, hidden}]}</c>.</summary>
    private static string Truth(IReadOnlyList<SceneObject> objects)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("boxes"u8);
            foreach (var seen in objects)
            {
                json.WriteStartObject();
                json.WriteString("label"u8, seen.Label);
                json.WriteNumber("x"u8, seen.X);
                json.WriteNumber("y"u8, seen.Y);
                json.WriteNumber("width"u8, seen.Width);
                json.WriteNumber("height"u8, seen.Height);
                json.WriteBoolean("hidden"u8, seen.Visible < StreetScene.CountsFrom);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
