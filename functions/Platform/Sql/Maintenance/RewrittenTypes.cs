using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Sql.Maintenance;

/// <summary>Which tables can be rewritten: those whose columns come out as they went in. Other writers' may have more types.</summary>
internal static class RewrittenTypes
{
    /// <exception cref="TerminalException"><c>UnsupportedType</c>: names the column.</exception>
    public static void Ensure(Snapshot snapshot)
    {
        if (snapshot.Columns.FirstOrDefault(column => !IsKept(column.Type)) is { } column)
        {
            throw new TerminalException(
                FailureKind.NotImplemented,
                "UnsupportedType",
                $"Table '{snapshot.Table}' cannot be rewritten: its column '{column.Name}' has the Delta type {Shown(column.Type)}, which is only read here. Use the program that wrote it.",
                column.Name);
        }
    }

    private static bool IsKept(string type) =>
        type is "boolean" or "integer" or "long" or "double" or "string" or "binary" or "date" or "timestamp"
        || type.StartsWith("decimal(", StringComparison.Ordinal);

    private static string Shown(string type) => type.StartsWith('{') ? "array, map or struct" : type;
}
