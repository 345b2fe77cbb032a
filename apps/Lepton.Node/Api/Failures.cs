using Dapr;
using Dapr.Actors;
using Grpc.Core;
using Microsoft.AspNetCore.Diagnostics;

namespace Lepton.Node.Api;

/// <summary>What a caller and the log hear of an exception that reached the edge of a request.</summary>
internal static class Failures
{
    public static void AddFailures(this IServiceCollection services) => services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
    {
        if (context.ProblemDetails.Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.ProblemDetails.Title = "not now";
            context.ProblemDetails.Detail ??= "the sidecar or its state store did not answer; ask again in a moment. GET /v1/status says whether the sidecar is there.";
            context.HttpContext.Response.Headers.RetryAfter = "1";
        }
    });

    public static void UseFailures(this WebApplication app) => app.UseExceptionHandler(new ExceptionHandlerOptions
    {
        StatusCodeSelector = error => IsSidecar(error) ? StatusCodes.Status503ServiceUnavailable : error is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,

        // A caller that went away, or a sidecar that is not there, is no fault of ours; the sidecar watch has said so already.
        SuppressDiagnosticsCallback = context => IsSidecar(context.Exception) || context.Exception is BadHttpRequestException or OperationCanceledException,
    });

    private static bool IsSidecar(Exception error) => error is DaprException or RpcException or HttpRequestException or DaprApiException or ActorMethodInvocationException;
}
