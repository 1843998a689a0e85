using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>Delta's primitive types and DuckDB's, both ways.</summary>
public static partial class DeltaTypes
{
    /// <summary>The type that files of a column have, in SQL.</summary>
    /// <exception cref="TerminalException"><c>UnsupportedType</c>: a type that tables of ours never have.</exception>
    public static string ToSql(string deltaType) => deltaType switch
    {
        "boolean" => "BOOLEAN",
        "byte" => "TINYINT",
        "short" => "SMALLINT",
        "integer" => "INTEGER",
        "long" => "BIGINT",
        "float" => "FLOAT",
        "double" => "DOUBLE",
        "string" => "VARCHAR",
        "binary" => "BLOB",
        "date" => "DATE",
        "timestamp" => "TIMESTAMP WITH TIME ZONE",
        "timestamp_ntz" => "TIMESTAMP",
        _ when DecimalType().Match(deltaType) is { Success: true } match => $"DECIMAL({match.Groups["precision"].Value},{match.Groups["scale"].Value})",
        _ when deltaType.StartsWith('{') && Nested(JsonNode.Parse(deltaType)) is { } nested => nested,
        _ => throw new TerminalException(
            FailureKind.NotImplemented, "UnsupportedType", $"Columns of the Delta type '{deltaType}' cannot be read."),
    };

    /// <summary>A list, map or struct of another writer's table; null for what is none.</summary>
    private static string? Nested(JsonNode? type) => type switch
    {
        JsonValue name => ToSql(name.GetValue<string>()),
        JsonObject { Count: > 0 } node => (string?)node["type"] switch
        {
            "array" => $"{Nested(node["elementType"])}[]",
            "map" => $"MAP({Nested(node["keyType"])}, {Nested(node["valueType"])})",
            "struct" when node["fields"] is JsonArray { Count: > 0 } fields =>
                $"STRUCT({string.Join(", ", fields.Select(field => $"{SqlText.Identifier((string)field!["name"]!)} {Nested(field["type"])}"))})",
            _ => null,
        },
        _ => null,
    };

    /// <summary>How a query's result column is stored.</summary>
    /// <param name="sqlType">As <c>DESCRIBE</c> names it.</param>
    /// <returns>The Delta type and the SQL expression that turns the column into what files of that type hold.</returns>
    /// <exception cref="TerminalException"><c>UnsupportedType</c>: names the column and a CAST that helps.</exception>
    public static (TableColumn Column, string Expression) FromSql(string name, string sqlType)
    {
        var column = SqlText.Identifier(name);
        var type = sqlType.ToUpperInvariant();
        return type switch
        {
            "BOOLEAN" => (new(name, "boolean"), column),
            "TINYINT" or "SMALLINT" or "UTINYINT" or "USMALLINT" or "\"NULL\"" or "NULL" => (new(name, "integer"), Cast("INTEGER")),
            "INTEGER" => (new(name, "integer"), column),
            "UINTEGER" => (new(name, "long"), Cast("BIGINT")),
            "BIGINT" => (new(name, "long"), column),
            "UBIGINT" => (new(name, "decimal(20,0)"), Cast("DECIMAL(20,0)")),
            "HUGEINT" or "UHUGEINT" => (new(name, "decimal(38,0)"), Cast("DECIMAL(38,0)")),
            "FLOAT" => (new(name, "double"), Cast("DOUBLE")),
            "DOUBLE" => (new(name, "double"), column),
            "VARCHAR" => (new(name, "string"), column),
            "UUID" or "JSON" => (new(name, "string"), Cast("VARCHAR")),
            "BLOB" => (new(name, "binary"), column),
            "DATE" => (new(name, "date"), column),
            "TIMESTAMP WITH TIME ZONE" => (new(name, "timestamp"), column),
            "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" =>
                (new(name, "timestamp"), $"make_timestamptz(epoch_us({column})) AS {column}"),
            _ when type.StartsWith("ENUM(", StringComparison.Ordinal) => (new(name, "string"), Cast("VARCHAR")),
            _ when DecimalType().Match(sqlType) is { Success: true } match => (new(name, DecimalName(match)), column),
            _ => throw new TerminalException(
                FailureKind.Invalid,
                "UnsupportedType",
                $"The result column '{name}' has the type {sqlType}, which tables cannot store: write CAST({column} AS VARCHAR), "
                + "or a number, DATE or TIMESTAMP, instead.",
                name),
        };

        string Cast(string target) => $"CAST({column} AS {target}) AS {column}";
    }

    private static string DecimalName(Match match) =>
        string.Create(CultureInfo.InvariantCulture, $"decimal({match.Groups["precision"].Value},{match.Groups["scale"].Value})");

    [GeneratedRegex(@"^decimal\((?<precision>[0-9]{1,2}), ?(?<scale>[0-9]{1,2})\)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DecimalType();
}
