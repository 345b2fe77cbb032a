using System.ComponentModel;
using System.Diagnostics;

namespace Lepton.SystemTests.Sidecar.Workers;

/// <summary>Node scripts of tests/Lepton.SystemTests/JavaScript. Their packages are installed once, by the lock file, beside the build output.</summary>
internal static class JavaScript
{
    private static readonly Lazy<Task<string>> Packages = new(InstallAsync);

    internal static string Root { get; } = FindRoot();

    private static string Folder => Path.Combine(Root, "tests", "Lepton.SystemTests", "JavaScript");

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Lepton.Dapr.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
        return folder;
    }

    internal static bool Present { get; } = Runs("node") && Runs("npm");

    /// <summary>Skips the test on a machine without Node; the CI script installs it.</summary>
    internal static void Require() => Assert.SkipUnless(Present, "node or npm is not installed; to have the JavaScript SDK tried too: sudo apt-get install -y nodejs npm");

    private static bool Runs(string program)
    {
        try
        {
            using var version = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true })!;
            version.WaitForExit();
            return version.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Starts a script; its output lines go to <paramref name="line"/>.</summary>
    internal static async Task<Process> StartAsync(Action<string> line, params string[] arguments)
    {
        var packages = await Packages.Value;
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, arguments[0]), .. arguments[1..]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = packages;
        return Run(start, line);
    }

    private static Process Run(ProcessStartInfo start, Action<string> line)
    {
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) => { if (e.Data is { } text) line(text); };
        process.ErrorDataReceived += (_, e) => { if (e.Data is { } text) line(text); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<string> InstallAsync()
    {
        var target = Directory.CreateDirectory(Path.Combine(Root, "artifacts", "javascript")).FullName;
        var (stamp, wanted) = (Path.Combine(target, "installed.json"), await File.ReadAllTextAsync(Path.Combine(Folder, "package-lock.json")));
        var packages = Path.Combine(target, "node_modules");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted) return packages;
        foreach (var file in (string[])["package.json", "package-lock.json"]) File.Copy(Path.Combine(Folder, file), Path.Combine(target, file), overwrite: true);
        var lines = new List<string>();
        using var npm = Run(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]) { WorkingDirectory = target, RedirectStandardOutput = true, RedirectStandardError = true }, line =>
        {
            lock (lines) lines.Add(line);
        });
        await npm.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token);
        if (npm.ExitCode != 0) throw new InvalidOperationException("npm ci failed in " + target + ":\n" + string.Join('\n', lines));
        await File.WriteAllTextAsync(stamp, wanted);
        return packages;
    }
}
