namespace Lepton.Sidecar.Hosting;

/// <summary>What the sidecar knows of its app.</summary>
internal sealed class AppState
{
    /// <summary>The app's port took a connection once (or there is no app): /v1.0/healthz is 204 from then on.</summary>
    internal bool Ready { get; set; }

    /// <summary>Calls to the app are allowed.</summary>
    internal bool Healthy { get; set; }
}
