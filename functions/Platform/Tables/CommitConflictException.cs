using DataPlatform.Failures;

namespace DataPlatform.Tables;

/// <summary>Another commit changed what this one was computed from. Nothing was written: compute again from the newest version.</summary>
/// <param name="reason">What the other commit did.</param>
public sealed class CommitConflictException(string table, long readVersion, long foundVersion, string? reason = null)
    : TransientException(
        $"Table '{table}' went from version {readVersion} to {foundVersion} while a change to it was computed{(reason is null ? "" : $": {reason}")}.")
{
    public long ReadVersion { get; } = readVersion;

    public long FoundVersion { get; } = foundVersion;
}
