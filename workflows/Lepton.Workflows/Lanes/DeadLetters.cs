using Lepton.Contracts.Events;
using Lepton.Workflows.Results;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Lanes;

/// <summary>Where rejected events go: the dead-letter topic of their pipeline, with the reason. Never lost, never retried for ever.</summary>
internal sealed class DeadLetters(ResultPublisher publisher, Tally tally, ILogger<DeadLetters> log)
{
    /// <summary>True when all of them are there; false when the broker did not take one, so that its event must come again.</summary>
    public async Task<bool> SendAsync(string pipeline, IReadOnlyList<Rejection> rejections, CancellationToken cancellationToken)
    {
        if (rejections.Count == 0)
        {
            return true;
        }

        try
        {
            if (!await publisher.DeadLetterAsync(pipeline, rejections, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.StepFailed(log, pipeline, rejections.Count, "dead-lettering", (error.InnerException ?? error).Message);
            return false;
        }

        tally.Of(pipeline).DeadLettered(rejections.Count);
        foreach (var rejection in rejections)
        {
            Log.Rejected(log, pipeline, rejection.Device, rejection.EventId, rejection.Reason, rejection.Message);
        }

        return true;
    }
}
