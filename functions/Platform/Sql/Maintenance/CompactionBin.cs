using DataPlatform.Tables;

namespace DataPlatform.Sql.Maintenance;

/// <summary>Files of one partition that are rewritten together.</summary>
internal sealed record CompactionBin(IReadOnlyList<DataFile> Files)
{
    public long Bytes { get; } = Files.Sum(file => file.Size);
}
