using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;

namespace DataPlatform.Serving.TableReading;

/// <summary>
/// Where a client goes on reading: a place among the rows of one query over one version of one table. As text it is opaque and carries a check sum over the
/// query, so that one that was changed, cut off or given with another query is refused instead of leading to wrong rows. It grants nothing: the caller's
/// rights and row filter are looked at again with each page.
/// </summary>
/// <param name="Version">Delta's version of the table.</param>
/// <param name="TableId">Delta's id of the table.</param>
public sealed record RowCursor(long Version, string TableId, RowPosition Position)
{
    private const int SumBytes = 9;
    private const int MaxLength = 8_192;

    /// <param name="query">Everything of the request that must stay the same from page to page.</param>
    public string Write(string query)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(new Payload(Version, TableId, Position.Keys, Position.Offset, Position.Left, Position.Order), PlatformJson.Options);
        return Base64Url.EncodeToString([.. Sum(payload, query), .. payload]);
    }

    /// <param name="option">The query option that had it.</param>
    /// <exception cref="TerminalException"><c>InvalidCursor</c> (400).</exception>
    public static RowCursor Read(string text, string query, string option)
    {
        if (text.Length is > SumBytes and <= MaxLength && Base64Url.IsValid(text))
        {
            var bytes = Base64Url.DecodeFromChars(text);
            if (bytes.Length > SumBytes && bytes.AsSpan(0, SumBytes).SequenceEqual(Sum(bytes.AsSpan(SumBytes), query)))
            {
                var payload = JsonSerializer.Deserialize<Payload>(bytes.AsSpan(SumBytes), PlatformJson.Options)!;
                return new RowCursor(payload.Version, payload.Table, new RowPosition(payload.Keys, payload.Offset, payload.Left) { Order = payload.Order });
            }
        }

        throw Invalid(option);
    }

    internal static TerminalException Invalid(string option) => new(
        FailureKind.Invalid,
        "InvalidCursor",
        $"The option {option} is no cursor of this query: give it as the page before had it, with the same other options, or start again without it.",
        option);

    /// <summary>A table that was deleted and made anew has other rows in its versions.</summary>
    /// <exception cref="TerminalException"><c>TableVersionGone</c> (410).</exception>
    public void Check(PinnedTable table)
    {
        if (table.Snapshot.TableId != TableId)
        {
            throw new TerminalException(
                FailureKind.Gone,
                "TableVersionGone",
                string.Create(CultureInfo.InvariantCulture, $"The table '{table.Table.Name}' whose version {Version} the cursor is of was replaced by another one. Start again without it."),
                "after");
        }
    }

    private static ReadOnlySpan<byte> Sum(ReadOnlySpan<byte> payload, string query)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(payload);
        hash.AppendData([0]);
        hash.AppendData(Encoding.UTF8.GetBytes(query));
        return hash.GetHashAndReset().AsSpan(0, SumBytes);
    }

    private sealed record Payload(long Version, string Table, IReadOnlyList<string?>? Keys, long Offset, long? Left, string? Order = null);
}
