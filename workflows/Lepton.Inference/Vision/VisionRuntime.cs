using System.Runtime.InteropServices;
using Lepton.Contracts.Resources;
using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>Whether this machine can run image pipelines.</summary>
public static class VisionRuntime
{
    private static readonly Lazy<string?> Found = new(Look);

    /// <summary>One line saying why image pipelines are off and what to type; null when OpenCV's native library loads.</summary>
    public static string? Problem => Found.Value;

    /// <summary>Notes a fault at <paramref name="key"/> when image pipelines are off; true when they are.</summary>
    internal static bool Report(YamlMap map, string key)
    {
        if (Problem is { } problem)
        {
            map.Report(key, $"needs images, and {problem[..problem.IndexOf(';', StringComparison.Ordinal)]}", problem[(problem.IndexOf(';', StringComparison.Ordinal) + 2)..]);
        }
        return Problem is not null;
    }

    private static string? Look()
    {
        try
        {
            // One thread a call: frames are answered side by side, and a second thread per frame never paid on two cores.
            Cv2.SetNumThreads(1);
            // A damaged image is the sender's fault and told to the sender: OpenCV's own lines on the console help nobody.
            Cv2.SetLogLevel(LogLevel.SILENT);
            return null;
        }
        catch (Exception fault) when (fault is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException or BadImageFormatException)
        {
            var machine = $"{(OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "this system")}-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant();
            return Cure(machine, File.Exists(Path.Combine(AppContext.BaseDirectory, "libOpenCvSharpExtern.so")), NativeFault(fault));
        }
    }

    /// <summary>The line for a machine of this kind.</summary>
    internal static string Cure(string machine, bool libraryIsThere, string fault) =>
        machine != "linux-x64"
            ? $"image pipelines are off: OpenCV's native library is not built for {machine}; run them on a linux-x64 node, everything else runs here"
            : libraryIsThere
                ? $"image pipelines are off: OpenCV's native library does not load ({fault}); type `sudo apt-get install --no-install-recommends libgtk-3-0`, everything else runs"
                : "image pipelines are off: OpenCV's native library is not beside the program; build it for this machine (`./lepton` does), everything else runs";

    // The loader's message lists every path it tried; what is missing is the first file it names.
    private static string NativeFault(Exception fault)
    {
        for (var inner = fault; inner is not null; inner = inner.InnerException)
        {
            if (inner is DllNotFoundException)
            {
                var lines = inner.Message.Split('\n');
                var missing = Array.Find(lines, line => line.Contains(": cannot open shared object file", StringComparison.Ordinal) && !line.Contains("OpenCvSharpExtern", StringComparison.Ordinal));
                return missing?.Trim() ?? "a library that it needs is missing";
            }
        }
        return fault.Message.Split('\n')[0];
    }
}
