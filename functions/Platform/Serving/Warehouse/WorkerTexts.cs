using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Warehouse;

/// <summary>The SQL that workers put around a caller's.</summary>
internal static class WorkerTexts
{
    public const string Describe = "DESCRIBE ";

    public const string Explain = "EXPLAIN (FORMAT json) ";

    /// <summary>How a result column leaves: as the rows of tables do. What tables do not store leaves as text, nested values as the text of
    /// their JSON.</summary>
    /// <param name="type">As the engine names it.</param>
    /// <param name="source">The column's name in the FROM.</param>
    public static (TableColumn Column, string Expression) Typed(string name, string type, string source)
    {
        var alias = SqlText.Identifier(name);
        if (type is "TIMESTAMP WITH TIME ZONE" or "TIMESTAMP")
            return (new TableColumn(name, "timestamp"), $"epoch_us({source}) AS {alias}");
        if (type is "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS")
            return (new TableColumn(name, "timestamp"), $"epoch_us(CAST({source} AS TIMESTAMP)) AS {alias}");
        if (type.EndsWith(']') || type.StartsWith("STRUCT(", StringComparison.Ordinal) || type.StartsWith("MAP(", StringComparison.Ordinal))
            return (new TableColumn(name, "string"), $"CAST(to_json({source}) AS VARCHAR) AS {alias}");
        try
        {
            var (column, expression) = DeltaTypes.FromSql(source, type);
            return (column with { Name = name }, expression.Contains(" AS ", StringComparison.Ordinal)
                ? $"{expression[..expression.LastIndexOf(" AS ", StringComparison.Ordinal)]} AS {alias}"
                : $"{expression} AS {alias}");
        }
        catch (TerminalException)
        {
            return (new TableColumn(name, "string"), $"CAST({source} AS VARCHAR) AS {alias}");
        }
    }
}
