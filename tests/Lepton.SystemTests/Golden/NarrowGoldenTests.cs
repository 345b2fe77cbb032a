namespace Lepton.SystemTests.Golden;

/// <summary>The recorded conversations that measure times in narrow windows: one after the other, when nothing else runs.</summary>
[Collection(GoldenCollection.Name)]
public sealed class NarrowGoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenCase.Offered.Where(GoldenCase.IsNarrow)];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case(string name) => Conversation.PlayAsync(name);
}
