using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Tables;

/// <summary>The values of a partitioned table's partition columns, which its files need not hold.</summary>
public static class PartitionValues
{
    /// <summary>What stands for NULL in the names of partition folders.</summary>
    public const string NullFolder = "__HIVE_DEFAULT_PARTITION__";

    // Of all folders together, so that key files beside the table fit into a path too.
    private const int MostFolderBytes = 400;
    private const int MostSegmentBytes = 200;
    private const int HashLength = 17;

    /// <summary>Whether a text can be a partition's value and is read back as it was.</summary>
    /// <param name="text">In UTF-8.</param>
    public static bool IsText(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.Contains((byte)0) && !text.SequenceEqual("__HIVE_DEFAULT_PARTITION__"u8);

    /// <summary>A file's value of a partition column as text; null for NULL. From the log; logs of some old writers leave it to the name of
    /// the file's folder.</summary>
    public static string? Of(DataFile file, string column) => TryOf(file, column, out var value) ? value : null;

    /// <returns>False when neither the log nor the file's folder tells a value: then the file itself holds the column.</returns>
    public static bool TryOf(DataFile file, string column, out string? value)
    {
        var known = file.PartitionValues.TryGetValue(column, out value);
        if (!known)
            known = (value = OfFolder(file.Path, column)) is not null;
        value = value is "" or NullFolder ? null : value;
        return known;
    }

    /// <summary>The folder of files with these values, <c>day=2024-05-01/kind=a%2Fb</c>, with the characters escaped that Hive escapes. It is for people:
    /// readers take values from the log. So values that make names too long are cut, and told apart by a hash.</summary>
    public static string FolderOf(IReadOnlyList<(string Column, string? Value)> values) =>
        string.Join('/', values.Select(pair => Segment($"{Escape(pair.Column)}={(pair.Value is null ? NullFolder : Escape(pair.Value))}", MostFolderBytes / values.Count)));

    private static string Segment(string name, int most)
    {
        most = Math.Min(MostSegmentBytes, most);
        if (Encoding.UTF8.GetByteCount(name) <= most)
            return name;
        var kept = new StringBuilder();
        var bytes = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > most - HashLength)
                break;
            kept.Append(rune);
        }

        return $"{kept}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8))}";
    }

    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var isEdge = i == value.Length - 1;
            if (value[i] is < ' ' or '\u007f' or '"' or '#' or '%' or '\'' or '*' or '/' or ':' or '=' or '?' or '\\' or '{' or '[' or ']' or '^' || (isEdge && value[i] is ' ' or '.'))
                text.Append('%').Append(((int)value[i]).ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            else
                text.Append(value[i]);
        }

        return text.ToString();
    }

    private static string? OfFolder(string logPath, string column)
    {
        var start = column + "=";
        foreach (var folder in DataFiles.Decode(logPath).Split('/').SkipLast(1))
        {
            if (folder.StartsWith(start, StringComparison.Ordinal))
                return Uri.UnescapeDataString(folder[start.Length..]);
        }

        return null;
    }
}
