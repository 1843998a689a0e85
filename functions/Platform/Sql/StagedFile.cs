using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>A Parquet file on local disk, not part of any table yet.</summary>
public sealed record StagedFile(string LocalPath, long Size, FileStatistics Statistics);
