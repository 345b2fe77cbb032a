using System.Globalization;
using System.Text;

namespace Lepton.Workflows.Actors;

/// <summary>A device's identity as an actor id: any source is allowed, but actor ids hold no slashes, no <c># ? \</c> and no control characters.</summary>
internal static class DeviceId
{
    private const string Plain = "-_.:";

    /// <summary>Letters, digits and <c>- _ . :</c> stay; every other byte becomes <c>~XX</c>. Reversible.</summary>
    public static string Of(string device)
    {
        if (device.All(IsPlain) && device is not ("." or ".."))
        {
            return device;
        }

        var id = new StringBuilder(device.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(device))
        {
            _ = IsPlain((char)value) && value != '.' ? id.Append((char)value) : id.Append('~').Append(value.ToString("X2", CultureInfo.InvariantCulture));
        }

        return id.ToString();
    }

    public static string Read(string id)
    {
        var bytes = new List<byte>(id.Length);
        for (var at = 0; at < id.Length; at++)
        {
            if (id[at] == '~' && at + 2 < id.Length && byte.TryParse(id.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                at += 2;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(id, at, 1));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character) || Plain.Contains(character, StringComparison.Ordinal);
}
