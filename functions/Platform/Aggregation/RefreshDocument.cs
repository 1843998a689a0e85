using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Aggregation;

/// <summary>What a request for a refresh may say: <c>all</c>, <c>partitions</c> or <c>range</c>, and <c>dryRun</c>.</summary>
/// <param name="Wish">Null for what changed.</param>
/// <param name="DryRun">Only says what would be done.</param>
public sealed record RefreshDocument(RefreshWish? Wish, bool DryRun)
{
    private const int MostPartitions = 10_000;

    private static readonly string[] Extents = ["all", "partitions", "range"];
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    /// <param name="document">Empty when the request has none.</param>
    /// <exception cref="TerminalException"><c>InvalidRefreshRequest</c> with every mistake, <c>InvalidJson</c>.</exception>
    public static RefreshDocument Read(ReadOnlyMemory<byte> document, MartDefinition mart)
    {
        if (document.IsEmpty)
            return new RefreshDocument(Wish: null, DryRun: false);
        var mistakes = new Mistakes();
        RefreshDocument? refresh = null;
        try
        {
            using var json = JsonDocument.Parse(document, Options);
            if (ObjectReader.Open(json.RootElement, "$", mistakes) is { } reader)
                refresh = Read(reader, mart);
        }
        catch (JsonException damage)
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidJson", $"The document is not JSON: {damage.Message}", "body");
        }

        return mistakes.Count == 0 ? refresh! : throw mistakes.ToException("the refresh", FailureKind.Invalid, "InvalidRefreshRequest");
    }

    private static RefreshDocument Read(ObjectReader reader, MartDefinition mart)
    {
        var extents = Extents.Where(reader.Has).ToList();
        if (extents.Count > 1)
            reader.Mistakes.Add("InvalidRefresh", reader.PathOf(extents[1]), $"'{extents[0]}' and '{extents[1]}' cannot be asked for at once: keep one.");
        if (mart.PartitionBy.Count == 0 && extents.Find(extent => extent != "all") is { } extent)
            reader.Mistakes.Add("NotPartitioned", reader.PathOf(extent), $"The mart '{mart.Name}' has no 'partitionBy', so it is always computed whole: leave '{extent}' out.");

        var wish = new RefreshWish { All = reader.Flag("all"), Partitions = Partitions(reader, mart) };
        if (reader.Object("range") is { } range)
        {
            wish = wish with { From = Bound(range, "from"), To = Bound(range, "to") };
            range.Close();
        }

        var dryRun = reader.Flag("dryRun");
        reader.Close();
        return new RefreshDocument(wish is { All: false, Partitions: null, From: null } ? null : wish, dryRun);
    }

    private static string? Bound(ObjectReader range, string name)
    {
        var value = range.Scalar(name);
        if (value is null && !range.Has(name))
            range.Mistakes.Add("MissingMember", range.PathOf(name), $"'{name}' is missing: a range begins with 'from' and ends before 'to'.");
        return value;
    }

    private static List<IReadOnlyDictionary<string, string?>>? Partitions(ObjectReader reader, MartDefinition mart)
    {
        if (!reader.Has("partitions"))
            return null;
        List<IReadOnlyDictionary<string, string?>> partitions = [];
        foreach (var (element, path) in reader.Items("partitions", MostPartitions, required: true))
        {
            if (ObjectReader.Open(element, path, reader.Mistakes) is not { } partition)
                continue;
            var values = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var name in mart.PartitionBy)
            {
                if (!partition.Has(name))
                    partition.Mistakes.Add("MissingMember", partition.PathOf(name), $"'{name}' is missing: a partition has a value, or null, for each of {string.Join(", ", mart.PartitionBy)}.");
                values[name] = partition.IsNull(name) ? null : partition.Scalar(name);
            }

            partition.Close();
            partitions.Add(values);
        }

        return partitions;
    }
}
