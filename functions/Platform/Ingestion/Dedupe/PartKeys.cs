using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>A data file that waits for its commit, and its rows' keys.</summary>
/// <param name="Hashes">Ascending, each once.</param>
internal sealed record PartKeys(DataFile File, UInt128[] Hashes);
