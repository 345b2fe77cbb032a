using System.Diagnostics;
using System.IO.Compression;

namespace Lepton.SystemTests.Sidecar.Package;

/// <summary>The runtime as a package: packed, restored from a folder feed by a project outside the solution, and used by its test.</summary>
public sealed class PackageTests
{
    [Fact]
    public async Task A_project_elsewhere_restores_the_package_and_its_test_passes()
    {
        var root = Cli.UpRun.FindRoot();
        var folder = Directory.CreateTempSubdirectory("lepton-package-");
        try
        {
            var feed = Path.Combine(folder.FullName, "feed");
            var packed = await DotnetAsync(root, "pack", "apps/Lepton.Sidecar", "-c", "Release", "--no-build", "-o", feed, "-p:PackageVersion=0.1.0-sample");
            Assert.True(packed.Code == 0, packed.Output);
            using (var package = ZipFile.OpenRead(Path.Combine(feed, "Lepton.Sidecar.0.1.0-sample.nupkg")))
            {
                var names = package.Entries.Select(e => e.FullName).ToList();
                Assert.Contains("lib/net10.0/Lepton.Contracts.dll", names);
                Assert.Contains("lib/net10.0/Lepton.Sidecar.xml", names);
                Assert.Contains("README.md", names);
            }

            var sample = Directory.CreateDirectory(Path.Combine(folder.FullName, "sample")).FullName;
            foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "tests/Lepton.SystemTests/Sidecar/Package/Sample"))) File.Copy(file, Path.Combine(sample, Path.GetFileName(file)));
            // Only our package is unpacked anew; the others come from where they are.
            var known = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            var built = await DotnetAsync(sample, "build", "-c", "Release", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:LeptonVersion=0.1.0-sample",
                $"-p:RestoreAdditionalProjectSources={feed}", $"-p:RestorePackagesPath={Path.Combine(folder.FullName, "packages")}", $"-p:RestoreFallbackFolders={known}");
            Assert.True(built.Code == 0, built.Output);
            var run = await DotnetAsync(sample, Path.Combine(sample, "bin", "Release", "net10.0", "Sample.dll"));
            Assert.True(run.Code == 0, run.Output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Output)> DotnetAsync(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(4)).Token);
        return (process.ExitCode, await output + await error);
    }
}
