using System.Globalization;
using System.Text.RegularExpressions;
using DataPlatform.Lake;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>A file of a log by its name.</summary>
/// <param name="Part">From 1; 1 of 1 for a checkpoint in one file.</param>
internal sealed partial record LogFile(ObjectInfo Object, long Version, LogFileKind Kind, int Part, int Parts)
{
    /// <returns>Null for what is neither commit nor checkpoint.</returns>
    public static LogFile? TryParse(ObjectInfo found)
    {
        var match = Name().Match(found.Path.FileName);
        if (!match.Success || !long.TryParse(match.Groups["version"].Value, CultureInfo.InvariantCulture, out var version))
            return null;

        var kind = match.Groups["commit"].Success ? LogFileKind.Commit
            : match.Groups["id"].Success ? LogFileKind.Version2Checkpoint
            : LogFileKind.Checkpoint;
        if (!match.Groups["part"].Success)
            return new LogFile(found, version, kind, Part: 1, Parts: 1);
        return int.TryParse(match.Groups["part"].Value, CultureInfo.InvariantCulture, out var part)
            && int.TryParse(match.Groups["parts"].Value, CultureInfo.InvariantCulture, out var parts)
            ? new LogFile(found, version, kind, part, parts)
            : null;
    }

    [GeneratedRegex(
        @"^(?<version>[0-9]{20})\.((?<commit>json)|checkpoint\.parquet|checkpoint\.(?<part>[0-9]{10})\.(?<parts>[0-9]{10})\.parquet|checkpoint\.(?<id>[0-9A-Za-z-]{36})\.(parquet|json))$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
