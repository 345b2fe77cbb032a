using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Workflows.Gates;

namespace Lepton.Workflows.Pipelines;

/// <summary>One pipeline on this node: its model, loaded, and how its gate works; no gate where there is no tier above.</summary>
internal sealed record Tier(Pipeline Pipeline, TierModel Model, TierGate? Gate);
