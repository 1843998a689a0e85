using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;

namespace DataPlatform.Platform.Tests.Serving;

/// <summary>The same rows in an engine of its own, asked in SQL: what answers are compared with.</summary>
public sealed class StraightSql : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public StraightSql(string table, string select)
    {
        _connection.Open();
        Execute("SET TimeZone = 'UTC'");
        Execute($"CREATE TABLE {table} AS {select}");
    }

    /// <summary>Rows in the order of the query, values as in <see cref="Values"/>.</summary>
    public List<string> Rows(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"SELECT COLUMNS(*)::VARCHAR FROM ({sql})";
        using var reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(index => reader.IsDBNull(index) ? "null" : Plain(reader.GetString(index)))));
        return rows;
    }

    /// <summary>The rows of a JSON answer, values with bars between.</summary>
    public static List<string> Values(JsonElement answer) =>
    [
        .. answer.GetProperty("value").EnumerateArray().Select(row => string.Join(
            '|',
            row.EnumerateObject().Select(member => member.Value.ValueKind is JsonValueKind.Null ? "null"
                : Plain(member.Value.ValueKind is JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText())))),
    ];

    public void Dispose() => _connection.Dispose();

    /// <summary>1, 1.0 and 1.00 are one value, as are the engine's and our texts of an instant.</summary>
    private static string Plain(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (number / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real.ToString("R", CultureInfo.InvariantCulture)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Length > 10 ? time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)
        : text;

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
