using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>A data file that waits for its commit, and its rows' keys.</summary>
/// <param name="Hashes">By key; of each ascending, each once. Every row has all keys.</param>
internal sealed record PartKeys(DataFile File, IReadOnlyList<UInt128[]> Hashes)
{
    public int Rows => Hashes[0].Length;
}
