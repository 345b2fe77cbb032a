namespace Lepton.Sidecar.Actors;

/// <summary>The way to the app that hosts an actor type: calls over HTTP, or the callback stream the app opened.</summary>
internal abstract class ActorLink
{
    /// <param name="type">The actor's type.</param>
    /// <param name="id">Its id.</param>
    /// <param name="call">What to call.</param>
    /// <param name="chain">The reentrancy id the app is told, null when its type is not reentrant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ActorFault">The app failed, or could not be reached.</exception>
    internal abstract Task<ActorReply> CallAsync(string type, string id, ActorCall call, string? chain, CancellationToken cancellationToken);

    /// <summary>Tells the app that the actor is no longer active. An app that is gone needs no telling.</summary>
    internal abstract Task DeactivateAsync(string type, string id, CancellationToken cancellationToken);
}
