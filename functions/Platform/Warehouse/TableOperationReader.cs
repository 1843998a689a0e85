using System.Globalization;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables.Maintenance;

namespace DataPlatform.Warehouse;

/// <summary>Reads the documents of operations strictly: all mistakes at once, and members that an operation does not take are some.</summary>
internal static class TableOperationReader
{
    private const int MaxColumns = 8;
    private const int MaxSet = 100;

    /// <exception cref="TerminalException"><c>InvalidOperation</c>: with every mistake.</exception>
    public static TableOperationRequest Read(ReadOnlyMemory<byte> document)
    {
        var mistakes = new Mistakes();
        TableOperationRequest? request = null;
        try
        {
            using var json = JsonDocument.Parse(document);
            if (ObjectReader.Open(json.RootElement, "$", mistakes) is { } reader)
                request = Read(reader, mistakes);
        }
        catch (JsonException damage)
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidJson", $"The document is not JSON: {damage.Message}", "body");
        }

        return mistakes.Count == 0 ? request! : throw mistakes.ToException("the operation", FailureKind.Invalid, "InvalidOperation");
    }

    private static TableOperationRequest? Read(ObjectReader reader, Mistakes mistakes)
    {
        if (reader.Choice<TableOperationKind>("operation", required: true) is not { } kind)
            return null;

        var request = new TableOperationRequest(kind, reader.Flag("dryRun"));
        switch (kind)
        {
            case TableOperationKind.Optimize:
                var columns = reader.Texts("sortBy", MaxColumns);
                request = request with { SortBy = columns.Count == 0 ? null : [.. columns.Select(column => column.Text)] };
                break;
            case TableOperationKind.Vacuum:
                request = request with { Retention = Retention(reader, mistakes) };
                break;
            case TableOperationKind.Drop:
                mistakes.Add("UnknownValue", "$.operation", "A table is dropped by DELETE /api/v1/warehouse/tables/{table}.");
                break;
            case TableOperationKind.Delete:
                request = request with { Condition = reader.Text("condition", required: true) };
                break;
            case TableOperationKind.Update:
                request = request with { Condition = reader.Text("condition", required: true), Set = Set(reader, "set", "SQL expressions", mistakes) };
                break;
            case TableOperationKind.Widen:
                request = request with { Columns = Types(reader, mistakes) };
                break;
            default:
                request = request with { Version = reader.Length("version"), Timestamp = Timestamp(reader, mistakes) };
                if (reader.Has("version") == reader.Has("timestamp"))
                    mistakes.Add("MissingMember", "$.version", "Say what to restore: either 'version' or 'timestamp'.");
                break;
        }

        reader.Close();
        return request;
    }

    private static Dictionary<string, string> Set(ObjectReader reader, string member, string what, Mistakes mistakes)
    {
        var set = new Dictionary<string, string>(StringComparer.Ordinal);
        if (reader.Object(member) is { } columns)
        {
            if (columns.Names.Count > MaxSet)
                mistakes.Add("TooMany", columns.Path, $"'{member}' has {columns.Names.Count} columns; at most {MaxSet} are allowed.");
            foreach (var column in columns.Names)
            {
                if (columns.Text(column, required: true) is { } expression)
                    set[column] = expression;
            }

            columns.Close();
        }

        if (set.Count == 0)
            mistakes.Add("MissingMember", reader.PathOf(member), $"Say what to set: '{member}' must be an object of columns and {what}.");
        return set;
    }

    /// <summary>Types as contracts write them, as tables have them.</summary>
    private static Dictionary<string, string> Types(ObjectReader reader, Mistakes mistakes)
    {
        var types = Set(reader, "columns", "types such as int64", mistakes);
        foreach (var (column, name) in types.ToList())
        {
            if (FieldTypeName.Parse(name, out var type, out var precision, out var scale) is { } mistake)
                mistakes.Add("InvalidType", $"$.columns.{column}", mistake);
            else
                types[column] = FieldTypeName.InTables(type, precision, scale);
        }

        return types;
    }

    private static TimeSpan? Retention(ObjectReader reader, Mistakes mistakes)
    {
        if (reader.Text("retention") is not { } text)
            return null;
        if (Iso8601Duration.TryParse(text, out var retention) && retention >= TableVacuum.ShortestRetention)
            return retention;
        mistakes.Add("InvalidDuration", reader.PathOf("retention"), "'retention' must be an ISO 8601 duration of an hour or more, such as P7D or PT12H.");
        return null;
    }

    private static DateTimeOffset? Timestamp(ObjectReader reader, Mistakes mistakes)
    {
        if (reader.Text("timestamp") is not { } text)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        mistakes.Add("InvalidTimestamp", reader.PathOf("timestamp"), "'timestamp' must be an ISO 8601 time, such as 2026-03-01T12:00:00Z.");
        return null;
    }
}
