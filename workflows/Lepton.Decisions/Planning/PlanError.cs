namespace Lepton.Decisions.Planning;

/// <summary>Why a plan has no answer.</summary>
/// <param name="Code">A code for machines, such as <c>INFEASIBLE_BANDWIDTH</c>.</param>
/// <param name="Message">What is missing and how much, as a sentence.</param>
/// <param name="Need">How much is needed, where that is a number.</param>
/// <param name="Have">How much there is.</param>
public sealed record PlanError(string Code, string Message, double? Need = null, double? Have = null)
{
    internal static PlanError? FirstInvalid(params ReadOnlySpan<(string Field, bool Valid, double Value, string Rule)> fields)
    {
        foreach (var (field, valid, value, rule) in fields)
        {
            if (!valid)
            {
                return new("INVALID_INPUT", $"{field} is {value}; it must be {rule}", null, value);
            }
        }

        return null;
    }
}
