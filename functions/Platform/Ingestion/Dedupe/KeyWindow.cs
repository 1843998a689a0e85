using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>A key that counts once within a time.</summary>
/// <param name="After">Rows that came after this, microseconds since 1970, are within the window.</param>
/// <param name="Everywhere">Whether files that have no row with a key may still stand for some: those of rows that later ones took the place of.</param>
internal sealed record KeyWindow(KeyColumns Key, long After, bool Everywhere = true)
{
    /// <summary>Those of the files whose keys must be looked at.</summary>
    public IEnumerable<DataFile> Of(IEnumerable<DataFile> files) => Everywhere ? files : files.Where(Key.MayBeIn);
}
