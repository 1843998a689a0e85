using DataPlatform.Failures;

namespace DataPlatform.Tables;

/// <summary>Another commit changed what this one was computed from. Nothing was written: compute again from the newest version.</summary>
public sealed class CommitConflictException(string table, long readVersion, long foundVersion)
    : TransientException($"Table '{table}' went from version {readVersion} to {foundVersion} while a change to it was computed.")
{
    public long ReadVersion { get; } = readVersion;

    public long FoundVersion { get; } = foundVersion;
}
