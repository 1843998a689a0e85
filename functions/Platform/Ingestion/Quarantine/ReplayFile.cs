using DataPlatform.Catalog;
using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>How the rows of a batch's quarantine are to be read again.</summary>
/// <param name="Csv">How its records are written; null for rows that are JSON objects.</param>
/// <param name="Header">The names of its columns where the file has no header row.</param>
/// <param name="HoldsEvents">The rows came as CloudEvents.</param>
/// <param name="Personal">Input names of the fields whose values are protected; empty when rows are as they came.</param>
internal sealed record ReplayFile(CsvDialect? Csv, IReadOnlyList<string> Header, bool HoldsEvents, IReadOnlySet<string> Personal)
{
    /// <param name="own">The contract that the batch was loaded under.</param>
    /// <param name="asked">The contract whose dialect was asked for; null takes the batch's own.</param>
    public static ReplayFile Of(QuarantinedBatch batch, DatasetDefinition own, DatasetDefinition? asked)
    {
        var personal = own.Fields.Where(field => field.Pii is not null).Select(field => field.InputName).ToHashSet(StringComparer.Ordinal);
        var media = MediaOf(batch.ContentType);
        if (personal.Count > 0 || media?.Format != BatchFormat.Csv)
            return new ReplayFile(null, [], media?.HoldsEvents == true, personal);
        var definition = asked ?? own;
        return new ReplayFile(media.DialectOf(definition), [.. definition.Fields.Select(field => field.InputName)], false, personal);
    }

    /// <returns>Null for types that services other than batches take: their rows are JSON.</returns>
    private static BatchMedia? MediaOf(string? contentType)
    {
        try
        {
            return BatchMedia.Parse(contentType, null);
        }
        catch (Failures.TerminalException)
        {
            return null;
        }
    }
}
