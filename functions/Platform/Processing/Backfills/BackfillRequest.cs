using System.Globalization;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Processing.Backfills;

/// <summary>What is asked to be read. Places are table versions or times of commits.</summary>
/// <param name="From">The first version, or its time; null for the first that was not read.</param>
/// <param name="To">The last version, or a time; null for the newest.</param>
/// <param name="SliceVersions">Versions of a slice; 0 when slices go by time.</param>
/// <param name="SliceTime">Time of a slice.</param>
public sealed record BackfillRequest(string Source, string? From, string? To, int SliceVersions, TimeSpan SliceTime)
{
    /// <summary>Slices that are computed side by side.</summary>
    public int Parallelism { get; init; } = 1;

    /// <exception cref="TerminalException"><c>InvalidBackfill</c> with every mistake, <c>InvalidJson</c>.</exception>
    public static BackfillRequest Read(ReadOnlyMemory<byte> document)
    {
        var mistakes = new Mistakes();
        BackfillRequest? request = null;
        try
        {
            using var json = JsonDocument.Parse(document);
            if (ObjectReader.Open(json.RootElement, "$", mistakes) is { } reader)
                request = Read(reader);
        }
        catch (JsonException damage)
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidJson", $"The document is not JSON: {damage.Message}", "body");
        }

        return mistakes.Count == 0 ? request! : throw mistakes.ToException("the backfill", FailureKind.Invalid, "InvalidBackfill");
    }

    /// <summary>A place that is a table version.</summary>
    internal static bool TryVersion(string place, out long version) => long.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out version);

    /// <summary>A place that is a time.</summary>
    internal static bool TryTime(string place, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(place, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static BackfillRequest Read(ObjectReader reader)
    {
        var source = reader.Text("source", required: true) ?? "";
        var (from, to) = (Place(reader, "from"), Place(reader, "to"));
        var (versions, time) = (0, TimeSpan.Zero);
        if (reader.NumberOrText("sliceBy") is not { } by)
            reader.Mistakes.Add("MissingMember", "$.sliceBy", "'sliceBy' is missing: say how much a slice reads, a duration like \"P1D\" or a number of versions.");
        else if (!(int.TryParse(by, NumberStyles.None, CultureInfo.InvariantCulture, out versions) && versions > 0) && !Iso8601Duration.TryParse(by, out time))
            reader.Mistakes.Add("InvalidValue", "$.sliceBy", $"'{ObjectReader.Shorten(by)}' is neither a duration like \"P1D\" nor a number of versions from 1 on.");
        var parallelism = reader.Has("parallelism") ? reader.Number("parallelism", 1, int.MaxValue) ?? 1 : 1;
        if (parallelism % 1 != 0)
            reader.Mistakes.Add("InvalidValue", "$.parallelism", "'parallelism' is how many slices are computed side by side: a whole number from 1 on.");
        reader.Close();
        return new BackfillRequest(source, from, to, versions, time) { Parallelism = (int)parallelism };
    }

    private static string? Place(ObjectReader reader, string member)
    {
        var place = reader.NumberOrText(member);
        if (place is not null && !TryVersion(place, out _) && !TryTime(place, out _))
            reader.Mistakes.Add("InvalidValue", reader.PathOf(member), $"'{ObjectReader.Shorten(place)}' is neither a table version nor a time like 2026-12-31T23:59:59Z.");
        return place;
    }
}
