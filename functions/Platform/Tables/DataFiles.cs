using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Tables;

/// <summary>Names and places of a table's Parquet files.</summary>
public static class DataFiles
{
    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The name of a new file at the table's root, the same for the same arguments: <c>part-00002-{id}.zstd.parquet</c>. Ids
    /// with characters that paths cannot take stay distinct by a hash.</summary>
    /// <param name="id">Unique for the work that writes the file: batch and attempt, or <c>{instance}/{step}</c>.</param>
    public static string NewName(string id, int part)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        if (id.Length > 100 || id.AsSpan().ContainsAnyExcept(PlainCharacters))
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 8));
            var plain = string.Concat(id.Take(60).Select(c => PlainCharacters.Contains(c) ? c : '-'));
            id = $"{plain}-{hash}";
        }

        return $"part-{part:D5}-{id}.zstd.parquet";
    }

    /// <summary>What the log says for a path below the table's root: each segment URL-encoded.</summary>
    public static string ToLogPath(string relative) =>
        string.Join('/', relative.Split('/').Select(segment => Uri.EscapeDataString(segment).Replace("%3D", "=", StringComparison.Ordinal)));

    /// <summary>Where a file of a table lies.</summary>
    /// <exception cref="TerminalException">The file lies outside the table's folder, or its path is not usable.</exception>
    public static LakePath Locate(TableName table, DataFile file) => Locate(table, file.Path);

    /// <param name="logPath">As the log has it, URL-encoded.</param>
    /// <inheritdoc cref="Locate(TableName, DataFile)"/>
    public static LakePath Locate(TableName table, string logPath)
    {
        var relative = Decode(logPath);
        if (relative.StartsWith('/') || relative.Contains("://", StringComparison.Ordinal))
        {
            throw new TerminalException(
                FailureKind.NotImplemented,
                "TableFileOutside",
                $"Table '{table}' has the file '{relative}' outside its own folder (a shallow clone?). Copy the table whole.",
                table.Name);
        }

        return table.Root.Append(relative);
    }

    /// <summary>The same text for all spellings of one path.</summary>
    internal static string Decode(string logPath) => logPath.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(logPath) : logPath;
}
