using System.Globalization;
using System.Text;
using DataPlatform.Ingestion.Values;
using DuckDB.NET.Data;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Rows that our evaluator and the SQL engine both see.</summary>
internal sealed class SampleTable : IDisposable
{
    private const string Columns = "i INTEGER, l BIGINT, f DOUBLE, d DECIMAL(10,2), w DECIMAL(30,5), s VARCHAR, t VARCHAR, b BOOLEAN, dt DATE, ts TIMESTAMP";
    private readonly DuckDBConnection _engine = new("Data Source=:memory:");
    private SampleRow _row = null!;

    public SampleTable()
    {
        _engine.Open();

        // It computes literals beforehand, to NULL without a type.
        Execute("PRAGMA disable_optimizer");
        Execute($"CREATE TABLE t ({Columns}, n INTEGER)");
    }

    /// <summary>What expressions may name; their values are those of the row last shown.</summary>
    public IReadOnlyList<ExpressionColumn> Fields =>
    [
        new("i", new SampleTerm<long>(TermType.Int32, () => (_row.I is not null, _row.I ?? 0))),
        new("l", new SampleTerm<long>(TermType.Int64, () => (_row.L is not null, _row.L ?? 0))),
        new("f", new SampleTerm<double>(TermType.Float64, () => (_row.F is not null, _row.F ?? 0))),
        new("d", new SampleTerm<Int128>(TermType.Decimal(10, 2), () => (_row.D is not null, (Int128)((_row.D ?? 0) * 100)))),
        new("w", new SampleTerm<Int128>(TermType.Decimal(30, 5), () => (_row.W is not null, (Int128)((_row.W ?? 0) * 100_000)))),
        new("s", new SampleTerm<ReadOnlyMemory<byte>>(TermType.Text, () => (_row.S is not null, Encoding.UTF8.GetBytes(_row.S ?? "")))),
        new("t", new SampleTerm<ReadOnlyMemory<byte>>(TermType.Text, () => (_row.T is not null, Encoding.UTF8.GetBytes(_row.T ?? "")))),
        new("b", new SampleTerm<bool>(TermType.Bool, () => (_row.B is not null, _row.B ?? false))),
        new("dt", new SampleTerm<long>(TermType.Date, () => (_row.Day is not null, _row.Day ?? 0))),
        new("ts", new SampleTerm<long>(TermType.Timestamp, () => (_row.Micros is not null, _row.Micros ?? 0))),
    ];

    public void Show(SampleRow row) => _row = row;

    public void Fill(IReadOnlyList<SampleRow> rows)
    {
        Execute("DELETE FROM t");
        for (var n = 0; n < rows.Count; n++)
        {
            var row = rows[n];
            Execute($"""
                INSERT INTO t VALUES ({Number(row.I)}, {Number(row.L)}, {(row.F is { } f ? $"'{f.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE" : "NULL")},
                {Number(row.D)}, {Number(row.W)}, {Text(row.S)}, {Text(row.T)}, {(row.B is { } b ? b ? "true" : "false" : "NULL")},
                {(row.Day is { } day ? $"DATE '1970-01-01' + ({day})" : "NULL")}, {(row.Micros is { } micros ? $"make_timestamp({micros})" : "NULL")}, {n})
                """);
        }
    }

    /// <summary>The engine's results as text, null where it has none or fails.</summary>
    /// <exception cref="DuckDBException">It does not take the expression.</exception>
    public (string Type, IReadOnlyList<string?> Values) Ask(string expression)
    {
        using var command = _engine.CreateCommand();
        command.CommandText = $"SELECT typeof({expression}), CAST(TRY({expression}) AS VARCHAR) FROM t ORDER BY n";
        using var reader = command.ExecuteReader();
        var type = "";
        var values = new List<string?>();
        while (reader.Read())
        {
            type = reader.GetString(0);
            values.Add(reader.IsDBNull(1) ? null : reader.GetString(1));
        }

        return (type, values);
    }

    public void Dispose() => _engine.Dispose();

    private static string Number<T>(T? value)
        where T : struct, IFormattable => value?.ToString(null, CultureInfo.InvariantCulture) ?? "NULL";

    private static string Text(string? value) => value is null ? "NULL" : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private void Execute(string sql)
    {
        using var command = _engine.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
