using Lepton.Contracts.Events;

namespace Lepton.Workflows.Lanes;

/// <summary>What became of one delivered event. Neither result nor rejection: something failed on the way, deliver it again.</summary>
/// <param name="Result">Its result, with everything that follows from it done. In the durable lane null: the workflow goes on by itself.</param>
/// <param name="Rejection">Why it was not admitted.</param>
/// <param name="Accepted">True when it need not be delivered again.</param>
internal readonly record struct Handled(Result? Result, Rejection? Rejection, bool Accepted)
{
    public static Handled Again => default;

    public static Handled Rejected(Rejection rejection) => new(null, rejection, true);

    public static Handled Done(Result? result) => new(result, null, true);
}
