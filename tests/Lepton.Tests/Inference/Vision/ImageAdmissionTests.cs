using Lepton.Inference.Vision;
using OpenCvSharp;

namespace Lepton.Tests.Inference.Vision;

public sealed class ImageAdmissionTests
{
    [Theory]
    [InlineData(".jpg", "image/jpeg")]
    [InlineData(".png", "image/png")]
    [InlineData(".gif", "image/gif")]
    public void Whole_images_are_admitted_and_decode(string format, string media)
    {
        var image = Encode(format, 64, 48);

        Assert.Null(ImageAdmission.Refuse(media, image));
        Assert.Null(ImageAdmission.Refuse($"{media}; quality=high", image));
        using var picture = Picture.Decode(image, out var problem);
        Assert.Equal("", problem);
        Assert.Equal(new Size(64, 48), picture!.Size());
    }

    [Theory]
    [InlineData(".jpg", "image/jpeg")]
    [InlineData(".png", "image/png")]
    [InlineData(".gif", "image/gif")]
    public void Every_cut_of_an_image_is_refused_or_decodes(string format, string media)
    {
        var image = Encode(format, 64, 48);
        for (var length = 0; length < image.Length - 2; length++)
        {
            var cut = image.AsSpan(0, length);
            if (ImageAdmission.Refuse(media, cut) is { } refusal)
            {
                Assert.Contains("; send ", refusal, StringComparison.Ordinal);
                continue;
            }
            // An end mark that occurs within the content lets a cut pass: decoding then says it, without an exception.
            using var picture = Picture.Decode(cut, out var problem);
            Assert.True(picture is not null || problem.Contains("send it again", StringComparison.Ordinal), problem);
        }
        Assert.Contains("send the whole file", ImageAdmission.Refuse(media, image.AsSpan(0, image.Length / 2)), StringComparison.Ordinal);
        Assert.Contains("no bytes", ImageAdmission.Refuse(media, []), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_promised_is_compared_with_what_came()
    {
        var jpeg = Encode(".jpg", 64, 48);

        Assert.Contains("is a JPEG; send it as image/jpeg", ImageAdmission.Refuse("image/png", jpeg), StringComparison.Ordinal);
        Assert.Contains("'application/json'", ImageAdmission.Refuse("application/json", jpeg), StringComparison.Ordinal);
        Assert.Contains("are no JPEG, PNG or GIF", ImageAdmission.Refuse("image/jpeg", "{\"signals\": {}}"u8), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_is_refused_by_its_header_without_being_decoded()
    {
        // A PNG header that promises 50,000 x 50,000 pixels: 7.5 GB decoded.
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50, 8, 2, 0, 0, 0, .. new byte[20], .. "IEND"u8];
        Assert.Contains("50000x50000 pixels", ImageAdmission.Refuse("image/png", png), StringComparison.Ordinal);
        // 0 wide.
        png[18] = png[19] = 0;
        Assert.Contains("0x50000 pixels", ImageAdmission.Refuse("image/png", png), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_content_is_a_sentence_and_no_exception()
    {
        var png = Encode(".png", 64, 48);
        png.AsSpan(60, png.Length - 100).Fill(0x55);

        Assert.Null(ImageAdmission.Refuse("image/png", png));
        using var picture = Picture.Decode(png, out var problem);
        Assert.True(picture is not null || problem.Contains("damaged", StringComparison.Ordinal), problem);
    }

    [Theory]
    [InlineData("linux-arm64", true, "is not built for linux-arm64")]
    [InlineData("linux-x64", true, "sudo apt-get install --no-install-recommends libgtk-3-0")]
    [InlineData("linux-x64", false, "is not beside the program")]
    public void A_machine_without_opencv_is_told_what_to_do_in_one_line(string machine, bool libraryIsThere, string expected)
    {
        var line = VisionRuntime.Cure(machine, libraryIsThere, "libgtk-3.so.0: cannot open shared object file");
        Assert.StartsWith("image pipelines are off", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    private static byte[] Encode(string format, int width, int height)
    {
        using var picture = new Mat(height, width, MatType.CV_8UC3, new Scalar(40, 90, 160));
        Cv2.Circle(picture, new Point(20, 20), 12, Scalar.White, -1);
        Cv2.ImEncode(format, picture, out var image);
        return image;
    }
}
