using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Values;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;

namespace DataPlatform.Operational;

/// <summary>Reads a page of rows, partition by partition. A page ends when it is full, and also when it took long to find its rows.</summary>
internal sealed class OperationalListing
{
    private const long MaxBytes = 8 << 20;
    private const char Above = '\uFFFD';
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly OperationalQuery _query;
    private readonly RowFilter? _filter;
    private readonly string? _prefix;
    private readonly int _partition;
    private readonly string? _after;

    private OperationalListing(OperationalQuery query, RowFilter? filter, string? prefix)
    {
        _query = query;
        _filter = filter;
        _prefix = prefix;
        (_partition, _after) = query.After is null ? (0, null) : ReadCursor(query.After);
    }

    /// <param name="snapshot">For the columns; null when there is no table yet.</param>
    public static OperationalListing Of(OperationalQuery query, DatasetDefinition definition, Snapshot? snapshot)
    {
        var columns = snapshot?.Columns ?? [.. definition.Fields.Select(field => StoredColumn.Of(field).TableColumn)];
        var filter = query.Filter is null ? null : new RowFilter(new QueryParser(QueryLimits.Default).Parse(columns, new QueryText(Filter: query.Filter)).Filter!);
        return new OperationalListing(query, filter, query.Prefix is null ? null : OperationalKey.Prefix(query.Prefix, definition.Key.Count));
    }

    public async Task<OperationalPage> ReadAsync(OperationalRows rows, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var items = new List<OperationalItem>();
        long bytes = 0;
        for (var partition = _partition; partition < OperationalKey.Partitions; partition++)
        {
            var after = partition == _partition ? _after : null;
            await foreach (var (id, found) in rows.QueryAsync(_query.Dataset, partition, after ?? Below(_prefix), _prefix + Above, cancellationToken))
            {
                if (items.Count == _query.Top || bytes > MaxBytes || Stopwatch.GetElapsedTime(begun) > Patience)
                    return new OperationalPage(items, Cursor(partition, after));
                after = id;
                if ((_prefix is not null && !id.StartsWith(_prefix, StringComparison.Ordinal)) || await OpenAsync(rows, found, cancellationToken) is not { } row)
                    continue;
                if (_filter?.Matches(row.Values!.Value) == false)
                    continue;
                var json = Encoding.UTF8.GetBytes(row.Values!.Value.GetRawText());
                bytes += json.Length;
                items.Add(new OperationalItem(row.Key!, row.ETag, json));
            }
        }

        return new OperationalPage(items, null);
    }

    private static async Task<OperationalRow?> OpenAsync(OperationalRows rows, OperationalRow row, CancellationToken cancellationToken)
    {
        if (row.Deleted)
            return null;
        if (row.Object is null)
            return row;

        // Replaced while the page was read: who wants to know meets it again under its key.
        return await rows.TryOpenAsync(row, cancellationToken) is { } large
            ? row with { Key = large.Key, Values = large.Values }
            : throw new TransientException("A large row changed while it was read. Ask for the page again.");
    }

    /// <summary>An id that is below all with the prefix, and above all that are below those.</summary>
    private static string? Below(string? prefix) =>
        string.IsNullOrEmpty(prefix) ? null : $"{prefix[..^1]}{(char)(prefix[^1] - 1)}{Above}";

    private static string Cursor(int partition, string? after) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{partition}.{after}")));

    private static (int Partition, string? After) ReadCursor(string cursor)
    {
        try
        {
            var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
            var dot = text.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var partition) && partition < OperationalKey.Partitions
                && text.AsSpan(dot + 1).IndexOfAnyExceptInRange('!', '~') < 0 && text.Length < 512)
                return (partition, dot + 1 == text.Length ? null : text[(dot + 1)..]);
        }
        catch (FormatException)
        {
            // told below
        }

        throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The query option 'after' takes what an earlier page gave as 'next'.", "after");
    }
}
