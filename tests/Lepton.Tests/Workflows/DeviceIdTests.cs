using Lepton.Workflows.Actors;

namespace Lepton.Tests.Workflows;

public sealed class DeviceIdTests
{
    [Theory]
    [InlineData("urn:lepton:device:ecg-100", "urn:lepton:device:ecg-100")]
    [InlineData("/cameras/7?side=left#1", "~2Fcameras~2F7~3Fside~3Dleft~231")]
    [InlineData("..", "~2E~2E")]
    [InlineData("héart~1", "h~C3~A9art~7E1")]
    public void Every_source_becomes_an_actor_id_and_back(string device, string id)
    {
        Assert.Equal(id, DeviceId.Of(device));
        Assert.Equal(device, DeviceId.Read(id));
    }
}
