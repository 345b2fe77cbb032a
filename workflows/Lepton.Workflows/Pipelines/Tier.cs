using Lepton.Contracts.Resources;
using Lepton.Decisions;
using Lepton.Inference;

namespace Lepton.Workflows.Pipelines;

/// <summary>One pipeline on this node: its model, loaded, and the gate's snapshot.</summary>
internal sealed record Tier(Pipeline Pipeline, TierModel Model, Snapshot Snapshot);
