using Lepton.Contracts.Events;
using Lepton.Workflows.Admission;

namespace Lepton.Node.Api;

/// <summary>Errors as problem+json: a title for the kind, and a detail that names the object and the cure.</summary>
internal static class Problem
{
    public static IResult Of(int status, string title, string detail) => TypedResults.Problem(detail, statusCode: status, title: title);

    public static IResult UnknownPipeline(string pipeline, IReadOnlyList<string> known) =>
        Of(StatusCodes.Status404NotFound, "unknown pipeline", $"there is no pipeline '{pipeline}' on this node; it serves {string.Join(", ", known)}. Put a pipeline file into pipelines/ and start the node again to add one.");

    public static IResult Of(Rejection rejection) => Of(
        rejection.Reason switch
        {
            RejectionReason.TooLarge => StatusCodes.Status413PayloadTooLarge,
            RejectionReason.WrongContentType => StatusCodes.Status415UnsupportedMediaType,
            _ => StatusCodes.Status400BadRequest,
        },
        rejection.Reason,
        rejection.Message);
}
