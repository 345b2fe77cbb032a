using Lepton.Decisions.Gates;
using Lepton.Inference.ScoreFiles;
using Lepton.Cli;
using Lepton.Cli.Gates;
using Lepton.Contracts.Resources;

namespace Lepton.Tests.Cli.Gates;

public sealed class ScoreFileTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Columns_stand_in_any_order_and_ids_may_be_quoted()
    {
        File.WriteAllText(path, "\uFEFFreference,x2,p1,id,p0,bytes,x1\r\n1,0.5,0.75,\"a,b\",0.25,1200,-3\r\n0, 1e-3 ,0.1,c,0.9,7,4\r\n\r\n");
        var file = ScoreFile.Open(path);
        Assert.Equal(2, file.Check().Events);
        var read = new List<(string, double, double, float, float, int, long)>();
        foreach (var row in file.Rows())
        {
            read.Add((row.Id, row.Scores[0], row.Scores[1], row.Inputs[0], row.Inputs[1], row.Reference, row.Bytes));
        }

        Assert.Equal([("a,b", 0.25, 0.75, 0.5f, -3f, 1, 1200L), ("c", 0.9, 0.1, 0.001f, 4f, 0, 7L)], read);
    }

    [Theory]
    [InlineData("p0,reference", "has one score column only")]
    [InlineData("p0,p2,reference", "has 2 score columns but no 'p1'")]
    [InlineData("p0,p1", "has no column 'reference'")]
    [InlineData("reference,x1", "has no score columns")]
    [InlineData("p0,p1,reference,weight", "has a column 'weight', which is not known")]
    [InlineData("p0,p1,p1,reference", "has the column 'p1' 2 times")]
    [InlineData("p0,p1,reference", "has a header and no events")]
    [InlineData("", "is empty")]
    public void A_wrong_header_is_a_fault_of_line_1(string header, string problem) => Assert.Contains(Faults(header), fault => fault is { Line: 1, Cure.Length: > 0 } && fault.Problem.StartsWith(problem, StringComparison.Ordinal));

    [Theory]
    [InlineData("NaN,0.5,0", "has the score 'NaN' in column p0")]
    [InlineData("-0.2,1,0", "has the score '-0.2' in column p0")]
    [InlineData("0.5,1.2,0", "has the score '1.2' in column p1")]
    [InlineData(",1,0", "has the score '' in column p0")]
    [InlineData("0.5,0.6,0", "has scores that add up to 1.1")]
    [InlineData("0.5,0.5,2", "has the reference '2', which is none of the 2 classes")]
    [InlineData("0.5,0.5,cat", "has the reference 'cat', which is none of the 2 classes")]
    [InlineData("0.5,0.5,", "has the reference '', which is none of the 2 classes")]
    [InlineData("0.5,0.5", "has 2 fields where the header has 3")]
    [InlineData("0.5,0.5,0,7", "has 4 fields where the header has 3")]
    [InlineData("0.5;0.5;0", "has the score '0.5;0.5;0' in column p0")]
    [InlineData("Infinity,0,0", "has the score 'Infinity' in column p0")]
    [InlineData("\"0.5\",\"0.6\",\"1\"", "has scores that add up to 1.1")]
    public void A_wrong_row_is_a_fault_of_its_line(string row, string problem)
    {
        var fault = Faults($"p0,p1,reference\n0.5,0.5,1\n{row}\n0.5,0.5,1")[0];
        Assert.Equal((3, problem), (fault.Line, fault.Problem));
        Assert.NotEmpty(fault.Cure);
    }

    [Theory]
    [InlineData("0.5,0.5", "has 2 fields where the header has 3")]
    [InlineData("0.5,0.", "has 2 fields where the header has 3")]
    [InlineData("0.", "has 1 fields where the header has 3")]
    public void A_last_line_that_was_cut_off_is_a_fault(string rest, string problem) =>
        Assert.Contains(Faults($"p0,p1,reference\r\n0.5,0.5,1\r\n{rest}"), fault => (fault.Line, fault.Problem) == (3, problem));

    [Theory]
    [InlineData("id,p0,p1,reference,x0\ne,0.5,0.5,0,NaN", "has the input 'NaN' in column x0")]
    [InlineData("id,p0,p1,reference,bytes\ne,0.5,0.5,0,-1", "has the size '-1' in column bytes")]
    [InlineData("id,p0,p1,reference,truth\ne,0.5,0.5,0,2", "has the truth '2', which is none of the 2 classes")]
    [InlineData("id,doubt,reference\ne,1.5,0", "has the doubt '1.5'")]
    [InlineData("id,doubt,reference,boxes\ne,0.5,0,0.4;2", "has the box score '2' in column boxes")]
    public void Optional_columns_are_held_to_their_kind_too(string text, string problem)
    {
        var fault = Assert.Single(Faults(text));
        Assert.Equal((2, problem), (fault.Line, fault.Problem));
    }

    [Fact]
    public void Answers_that_bring_their_own_doubt_have_it_as_their_margin()
    {
        File.WriteAllText(path, "id,doubt,boxes,reference\n\"say \"\"a, b\"\"\",0.25,0.9;0.4,1\n2,1,,0\n");
        var file = ScoreFile.Open(path);
        file.Check();
        Assert.True(file.Columns.HasOwnDoubt);
        var rows = file.Rows().Select(row => (row.Id, Doubt: Scores.Read(row.Scores, ScoreKind.Margin).Doubt, row.Reference, Boxes: row.Boxes!.Length)).ToArray();
        Assert.Equal([("say \"a, b\"", 0.25, 1, 2), ("2", 1.0, 0, 0)], rows);
        Assert.Contains(Faults("doubt,p0,p1,reference\n0.1,0.5,0.5,0"), fault => fault.Problem == "has scores and a column 'doubt'");
    }

    [Fact]
    public void Of_many_faults_the_first_are_told_and_the_others_counted()
    {
        var faults = Faults("p0,p1,reference\n" + string.Concat(Enumerable.Repeat("0.5,0.7,0\n", 500)));
        Assert.Equal(21, faults.Count);
        Assert.Equal("has 480 more faults", faults[^1].Problem);
    }

    [Fact]
    public void A_file_that_is_not_there_is_wrong_use() =>
        Assert.Equal(CommandException.WrongUse, Assert.Throws<CommandException>(() => GateOptions.Open(path + ".absent")).ExitCode);

    [Fact]
    public void The_smallest_doubts_are_kept_whatever_comes()
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, 50_000).Select(_ => random.NextDouble())];
        var smallest = new SmallestDoubts(37);
        Array.ForEach(values, smallest.Add);
        Assert.Equal(values.Order().Take(37), smallest.Ascending().ToArray());
        Assert.Equal(50_000, smallest.Seen);
    }

    private IReadOnlyList<Fault> Faults(string text)
    {
        File.WriteAllText(path, text);
        return Assert.Throws<FaultyResourceException>(() => ScoreFile.Open(path).Check()).Faults;
    }
}
