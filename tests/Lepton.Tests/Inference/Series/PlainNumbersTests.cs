using System.Globalization;
using System.Text;
using System.Text.Json;
using Lepton.Inference.Series;

namespace Lepton.Tests.Inference.Series;

public class PlainNumbersTests
{
    [Fact]
    public void What_it_reads_is_bit_by_bit_what_the_json_reader_reads()
    {
        var random = new Random(7);
        var read = 0;
        for (var i = 0; i < 300_000; i++)
        {
            var text = (i % 5) switch
            {
                0 => random.NextSingle().ToString(CultureInfo.InvariantCulture),
                1 => (random.NextDouble() * Math.Pow(10, random.Next(9))).ToString("F" + random.Next(1, 7), CultureInfo.InvariantCulture),
                // Halfway between two floats, and as near to it as fifteen digits can say.
                2 => ((double)(float)random.Next(1 << 23, 1 << 24) + 0.5).ToString(CultureInfo.InvariantCulture),
                3 => (random.Next(1 << 23, 1 << 24) + 0.5 + (random.Next(-1, 2) * 1e-7)).ToString("F7", CultureInfo.InvariantCulture),
                _ => $"-{random.NextInt64(1_000_000_000_000_000)}",
            };
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            reader.Read();
            var one = new float[1];
            if (PlainNumbers.TryRead(Encoding.UTF8.GetBytes(text + "]"), one, out _))
            {
                read++;
                Assert.True(BitConverter.SingleToInt32Bits(reader.GetSingle()) == BitConverter.SingleToInt32Bits(one[0]), text);
            }
        }

        Assert.True(read > 200_000, $"{read} of 300000 are plain");
    }

    [Theory]
    [InlineData(" 1 ,\n-2.5,0.125 ] , 7", true)]
    [InlineData("-0,0.0,100]", true)]
    [InlineData("1,2]", false)]
    [InlineData("1,2,3,4]", false)]
    [InlineData("1,2,3", false)]
    [InlineData("1,2,3,]", false)]
    [InlineData("1,2,03]", false)]
    [InlineData("1,2,3.]", false)]
    [InlineData("1,2,.3]", false)]
    [InlineData("1,2,+3]", false)]
    [InlineData("1,2,3e0]", false)]
    [InlineData("1,2,-]", false)]
    [InlineData("1,2,\"3\"]", false)]
    [InlineData("1,2,NaN]", false)]
    [InlineData("1,2,1234567890123456]", false)]
    [InlineData("1,2,0.1234567890123456789012345678901234567890]", false)]
    [InlineData("", false)]
    public void What_is_not_exactly_as_many_plain_numbers_is_left_to_the_json_reader(string text, bool plain)
    {
        Assert.Equal(plain, PlainNumbers.TryRead(Encoding.UTF8.GetBytes(text), new float[3], out var end));
        Assert.True(!plain || text[end] == ']');
    }
}
