using System.Net;
using System.Net.Sockets;

namespace Lepton.SystemTests.Cli;

[Collection(nameof(UpTests))]
public sealed class WrongUseTests
{
    [Theory]
    [InlineData(2, "there is no pipeline 'nope'; known: ecg, street", "--only", "nope")]
    [InlineData(2, "--rate 'fast' is no rate", "--rate", "fast")]
    [InlineData(2, "there is no file or folder", "--input", "ecg=/no/such/record")]
    [InlineData(2, "--for 'soon' is no length of time", "--for", "soon")]
    [InlineData(2, "Unrecognized command or argument '--bogus'", "--bogus")]
    [InlineData(1, "does not exist", "-f", "/no/such/dapr.yaml")]
    public async Task Wrong_use_ends_with_a_sentence(int exitCode, string message, params string[] arguments)
    {
        await using var up = UpRun.Prepare().Start(arguments);
        Assert.Equal(exitCode, (await up.EndAsync()).ExitCode);
        Assert.Contains(message, up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_who_needs_it_and_the_cure()
    {
        await using var up = UpRun.Prepare();
        using var other = new TcpListener(IPAddress.Loopback, up.Ports[8601]);
        other.Start();
        Assert.Equal(1, (await up.Start("--for", "5s").EndAsync()).ExitCode);
        Assert.Contains($"port {up.Ports[8601]}, which lepton-edge needs, is in use; end the program that holds it", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named()
    {
        await using var up = UpRun.Prepare();
        // A file in its place: root may write everywhere else.
        File.WriteAllText(Path.Combine(up.Folder, ".lepton"), "");
        Assert.Equal(1, (await up.Start("--for", "5s").EndAsync()).ExitCode);
        Assert.Contains($"the folder '{Path.Combine(up.Folder, ".lepton")}' cannot be written", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_faulty_resource_file_is_named_with_its_line()
    {
        await using var up = UpRun.Prepare();
        foreach (var file in (string[])["edge/state.yaml", "cloud/pubsub.yaml"])
        {
            File.AppendAllText(Path.Combine(up.Folder, "components", "local", file), "  oops: [");
        }

        Assert.Equal(1, (await up.Start("--for", "5s").EndAsync()).ExitCode);
        Assert.Matches(@"edge/state\.yaml:\d+: is not YAML", up.Errors);
        Assert.Matches(@"cloud/pubsub\.yaml:\d+: is not YAML", up.Errors);
    }

    [Fact]
    public async Task A_child_that_cannot_start_ends_up_with_its_message()
    {
        await using var up = UpRun.Prepare();
        var yaml = File.ReadAllText(up.RunFile);
        File.WriteAllText(up.RunFile, yaml.Replace("LEPTON_ROLE: edge", "LEPTON_ROLE: egde", StringComparison.Ordinal));
        Assert.Equal(1, (await up.Start("--for", "5s").EndAsync()).ExitCode);
        Assert.Contains("lepton-edge cannot start", up.Errors, StringComparison.Ordinal);
        Assert.Contains("LEPTON_ROLE is 'egde'", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_named()
    {
        await using var up = UpRun.Prepare();
        var yaml = File.ReadAllText(up.RunFile);
        File.WriteAllText(up.RunFile, yaml.Replace("""command: ["dotnet",""", """command: ["/no/such/program",""", StringComparison.Ordinal));
        Assert.Equal(1, (await up.Start("--for", "5s").EndAsync()).ExitCode);
        Assert.Contains("/no/such/program", up.Errors, StringComparison.Ordinal);
    }
}
