using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Lepton.Sidecar.Invocation;
using GrpcStatus = Grpc.Core.Status;

namespace Lepton.Tests.Sidecar.Invocation;

public sealed class StatusJsonTests
{
    private static (string Body, bool Unknown) Of(params Any[] details)
    {
        var status = new Google.Rpc.Status { Code = 5, Message = "no \"x\"", Details = { details } };
        var (body, unknown) = StatusJson.Of(new RpcException(new GrpcStatus(StatusCode.NotFound, status.Message), new Metadata { { "grpc-status-details-bin", status.ToByteArray() } }));
        return (Encoding.UTF8.GetString(body), unknown);
    }

    [Fact]
    public void Details_are_told_as_protobuf_writes_them() => Assert.Equal(
        ("""{"code":5,"message":"no \"x\"","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R","domain":"d","metadata":{"a":"1","b":"2"}},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"f","description":"bad"},{"field":"g"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"},{"@type":"type.googleapis.com/google.rpc.DebugInfo","stackEntries":["one","two"],"detail":"x"}]}""", false),
        Of(
            Any.Pack(new ErrorInfo { Reason = "R", Domain = "d", Metadata = { ["b"] = "2", ["a"] = "1" } }),
            Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = "f", Description = "bad" }, new BadRequest.Types.FieldViolation { Field = "g" } } }),
            Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1.5)) }),
            Any.Pack(new DebugInfo { StackEntries = { "one", "two" }, Detail = "x" })));

    [Fact]
    public void A_detail_that_nobody_can_read_is_named() => Assert.Equal(
        ("""{"errorCode":"ERR_MALFORMED_RESPONSE","message":"proto: google.protobuf.Any: unable to resolve \"x.org/my.Own\": not found"}""", true),
        Of(new Any { TypeUrl = "x.org/my.Own" }));

    [Fact]
    public void A_detail_that_is_cut_off_is_an_error_of_its_own() => Assert.Equal(
        ("""{"errorCode":"ERR_MALFORMED_RESPONSE","message":"proto: cannot parse invalid wire-format data"}""", true),
        Of(new Any { TypeUrl = "type.googleapis.com/google.rpc.ErrorInfo", Value = ByteString.CopyFrom(10, 200, 1, 65) }));

    [Fact]
    public void A_status_alone_has_only_what_it_says() =>
        Assert.Equal("""{"code":9}""", Encoding.UTF8.GetString(StatusJson.Of(new RpcException(new GrpcStatus(StatusCode.FailedPrecondition, ""))).Body));
}
