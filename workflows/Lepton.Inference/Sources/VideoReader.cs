using System.Runtime.CompilerServices;
using Lepton.Contracts.Resources;
using Lepton.Inference.Vision;
using OpenCvSharp;

namespace Lepton.Inference.Sources;

// Frames of clips and animations, each file a device; the files run side by side. Nothing is known of what they show, so there is no truth.
//   - {reader: video, path: traffic, every: 200ms, files: [vtest.avi]}
internal sealed class VideoReader : EventReader
{
    private static readonly string[] Endings = [".avi", ".mp4", ".mkv", ".mov", ".gif"];
    private static readonly ImageEncodingParam[] Quality = [new(ImwriteFlags.JpegQuality, 85)];

    private readonly ReadRequest request;
    private readonly Pipeline pipeline;
    private readonly string[] clips;
    private readonly TimeSpan every;

    private VideoReader(Pipeline pipeline, ReadRequest request, string[] clips, TimeSpan every) =>
        (this.pipeline, this.request, this.clips, this.every) = (pipeline, request, clips, every);

    public override string Description => $"{clips.Length} clip{(clips.Length == 1 ? "" : "s")}: {string.Join(", ", clips.Select(Path.GetFileName))}";

    internal static EventReader? Open(Pipeline pipeline, ReplaySource source, ReadRequest request)
    {
        var every = source.Options.Duration("every", TimeSpan.FromMilliseconds(200));
        var only = source.Options.Texts("files");
        source.Options.Close();
        var path = source.Path!;
        string[] clips = File.Exists(path) ? [path]
            : Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Where(file => Endings.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)]
            : [];
        clips = [.. clips.Where(clip => only.Count == 0 || only.Contains(Path.GetFileName(clip)))];
        if (clips.Length == 0)
        {
            source.Options.Report("path", $"'{path}' holds no clip", $"give a file, or a folder with files that end in {string.Join(", ", Endings)}");
            return null;
        }
        if (VisionRuntime.Report(source.Options, "reader"))
        {
            return null;
        }
        foreach (var clip in clips)
        {
            using var video = new VideoCapture(clip);
            if (!video.IsOpened())
            {
                source.Options.Report("path", $"'{clip}' cannot be opened as video", "convert it, for instance to H.264 in an MP4 file");
                return null;
            }
        }
        return new VideoReader(pipeline, request, clips, every);
    }

    public override async IAsyncEnumerable<SourceEvent> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var running = clips.Select(clip => Frames(clip).GetEnumerator()).ToList();
        try
        {
            while (running.Count > 0)
            {
                for (var i = 0; i < running.Count; i++)
                {
                    // Decoding and encoding a frame takes a few ms: not on the caller's thread.
                    var clip = running[i];
                    if (await Task.Run(clip.MoveNext, cancellationToken).ConfigureAwait(false))
                    {
                        yield return clip.Current;
                    }
                    else
                    {
                        clip.Dispose();
                        running.RemoveAt(i--);
                    }
                }
            }
        }
        finally
        {
            running.ForEach(clip => clip.Dispose());
        }
    }

    private IEnumerable<SourceEvent> Frames(string clip)
    {
        var name = Path.GetFileNameWithoutExtension(clip);
        var time = request.Start;
        for (var round = 0; round == 0 || request.Repeat; round++)
        {
            using var video = new VideoCapture(clip);
            using var picture = new Mat();
            // A file that does not tell its rate is taken to have one frame for each event.
            var step = video.Fps is > 0 and < 1000 ? 1 / video.Fps : every.TotalSeconds;
            var due = 0.0;
            for (var frame = 0; video.Read(picture) && !picture.Empty(); frame++)
            {
                // Half a frame early is nearer than half a frame late.
                if (frame * step + step / 2 < due)
                {
                    continue;
                }
                due += every.TotalSeconds;
                Cv2.ImEncode(".jpg", picture, out var jpeg, Quality);
                yield return new SourceEvent($"urn:lepton:device:{pipeline.Name}-{name}", $"{request.Run}-{round}-{frame + 1}", time, "image/jpeg", jpeg, null);
                time += every;
            }
            if (time == request.Start)
            {
                yield break;
            }
        }
    }
}
