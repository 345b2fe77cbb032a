using Lepton.Inference.Signals;

namespace Lepton.Tests.Inference.Signals;

public sealed class RecordingReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lepton-ecg-").FullName;

    [Fact]
    public void Reads_format_212_and_annotations_and_puts_the_limb_lead_first()
    {
        // Samples, lead by lead in turn: 1024 and 1224, then 824 and -1.
        Write("r1", "r1 2 360 2\nr1.dat 212 200 11 1024 0 0 0 V5\nr1.dat 212 200(1000) 11 1024 0 0 0 MLII\n",
            [0x00, 0x44, 0xC8, 0x38, 0xF3, 0xFF],
            // N at 5; a rhythm mark with a note of 3 bytes; V after a long distance of 65,546.
            [5, 1 << 2, 0, 28 << 2, 3, 63 << 2, (byte)'(', (byte)'N', 0, 0, 0, 59 << 2, 1, 0, 10, 0, 0, 5 << 2, 0, 0]);
        var recording = RecordingReader.Read(Path.Combine(_folder, "r1.hea"));
        Assert.Equal(["MLII", "V5"], recording.LeadNames);
        Assert.Equal([1.12f, -5.005f], recording.Leads[0]);
        Assert.Equal([0f, -1f], recording.Leads[1]);
        Assert.Equal([new BeatAnnotation(5, 'N'), new BeatAnnotation(65_551, 'V')], recording.Annotations);
    }

    [Fact]
    public void Names_the_file_that_is_wrong()
    {
        Write("r2", "r2 1 360 2\nr2.dat 16 200 11 1024 0 0 0 MLII\n", [0, 0, 0], []);
        Assert.Contains("format 212", Assert.Throws<InvalidDataException>(() => RecordingReader.Read(Path.Combine(_folder, "r2.hea"))).Message);
        Write("r3", "r3 1 360 2\nr3.dat 212 200 11 1024 0 0 0 MLII\n", [0, 0, 0], []);
        File.Delete(Path.Combine(_folder, "r3.dat"));
        Assert.Contains("r3.dat", Assert.Throws<InvalidDataException>(() => RecordingReader.Read(Path.Combine(_folder, "r3.hea"))).Message);
        Assert.Contains("no ECG record", Assert.Throws<InvalidDataException>(() => RecordingReader.Find(Path.Combine(_folder, "absent"))).Message);
    }

    [Fact]
    public void Reads_the_annotated_beats_of_a_real_record()
    {
        var recording = RecordingReader.Read(Path.Combine(RealRecords.Folder(), "100.hea"));
        Assert.Equal(650_000, recording.Length);
        Assert.Equal(2273, recording.Annotations.Count);
        Assert.Equal(33, recording.Annotations.Count(beat => beat.Symbol == 'A'));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string header, byte[] signal, byte[] annotations)
    {
        File.WriteAllText(Path.Combine(_folder, name + ".hea"), header);
        File.WriteAllBytes(Path.Combine(_folder, name + ".dat"), signal);
        File.WriteAllBytes(Path.Combine(_folder, name + ".atr"), annotations);
    }
}
