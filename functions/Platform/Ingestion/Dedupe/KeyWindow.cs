using DataPlatform.Catalog;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>A key that counts once within a time.</summary>
/// <param name="After">Rows that came after this, microseconds since 1970, are within the window.</param>
/// <param name="Everywhere">Whether files that have no row with a key may still stand for some: those of rows that later ones took the place of.</param>
internal sealed record KeyWindow(KeyColumns Key, long After, bool Everywhere = true)
{
    /// <summary>What counts once in a batch.</summary>
    /// <param name="started">When it came.</param>
    /// <param name="events">How long an event counts once; null for rows that came as none.</param>
    public static IReadOnlyList<KeyWindow> Of(DatasetDefinition definition, DateTimeOffset started, TimeSpan? events)
    {
        List<KeyWindow> windows = [];
        if (events is { } life)
            windows.Add(new KeyWindow(KeyColumns.Events, KeyFiles.Micros(started - life), Everywhere: definition.WriteDisposition == WriteDisposition.Merge));
        if (definition.Dedupe is { } dedupe)
            windows.Add(new KeyWindow(new KeyColumns(definition), KeyFiles.Micros(started - dedupe.Window)));
        return windows;
    }

    /// <summary>Those of the files whose keys must be looked at.</summary>
    public IEnumerable<DataFile> Of(IEnumerable<DataFile> files) => Everywhere ? files : files.Where(Key.MayBeIn);
}
