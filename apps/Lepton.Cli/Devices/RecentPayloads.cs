using Lepton.Contracts.Events;

namespace Lepton.Cli.Devices;

/// <summary>A few of the last payloads as files, so that the page can show the picture or the signal behind an answer. A sample: never more than some a second.</summary>
internal sealed class RecentPayloads(string folder, TimeProvider time)
{
    private const int Kept = 80;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<string>> kept = [];
    private readonly Dictionary<string, long> last = [];

    public void Keep(string pipeline, CloudEvent cloudEvent)
    {
        lock (gate)
        {
            if (last.TryGetValue(pipeline, out var before) && time.GetElapsedTime(before) < Pause)
            {
                return;
            }

            last[pipeline] = time.GetTimestamp();
            try
            {
                Write(pipeline, cloudEvent);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A full disk costs the page its pictures, not the run its events.
            }
        }
    }

    private void Write(string pipeline, CloudEvent cloudEvent)
    {
        var own = Path.Combine(folder, pipeline);
        if (!kept.TryGetValue(pipeline, out var files))
        {
            Directory.CreateDirectory(own);
            kept[pipeline] = files = new Queue<string>(new DirectoryInfo(own).GetFiles().OrderBy(file => file.LastWriteTimeUtc).Select(file => file.FullName));
        }

        var path = Path.Combine(own, EventKey.Of(cloudEvent.Source, cloudEvent.Id) + Extension(cloudEvent.DataContentType));
        File.WriteAllBytes(path, cloudEvent.Data.Span);
        files.Enqueue(path);
        while (files.Count > Kept)
        {
            File.Delete(files.Dequeue());
        }
    }

    private static string Extension(string contentType) => contentType switch
    {
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        _ => ".json",
    };
}
