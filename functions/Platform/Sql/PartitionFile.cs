using DataPlatform.Lake;

namespace DataPlatform.Sql;

/// <summary>Rows of one partition of a table's rows.</summary>
/// <param name="Path">Below the folder given, where nothing else has this name.</param>
/// <param name="Size">Bytes.</param>
public sealed record PartitionFile(int Partition, string Path, long Size)
{
    internal LakePath Location => LakePath.Parse(Path);
}
