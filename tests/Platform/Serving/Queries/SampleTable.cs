using DataPlatform.Serving.Queries;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Platform.Tests.Serving.Queries;

/// <summary>One column of each type, and a DuckDB table that has them.</summary>
internal static class SampleTable
{
    public static readonly IReadOnlyList<TableColumn> Columns =
    [
        new("i", "integer"), new("n", "long", Nullable: false), new("x", "double"), new("m", "decimal(10,2)"), new("s", "string"),
        new("d", "date"), new("t", "timestamp"), new("b", "boolean"), new("f", "float"), new("raw", "binary"), new("_batch", "string"),
    ];

    public const string Ddl =
        """
        CREATE TABLE rows (i INTEGER, n BIGINT, x DOUBLE, m DECIMAL(10,2), s VARCHAR, d DATE, t TIMESTAMP WITH TIME ZONE, b BOOLEAN,
            f FLOAT, raw BLOB, _batch VARCHAR)
        """;

    public static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Execute(connection, new SqlQuery("SET TimeZone = 'UTC'", []));
        return connection;
    }

    public static void Execute(DuckDBConnection connection, SqlQuery sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    public static List<object?[]> Read(DuckDBConnection connection, SqlQuery sql)
    {
        using var command = Command(connection, sql);
        using var reader = command.ExecuteReader();
        List<object?[]> rows = [];
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(index => reader.IsDBNull(index) ? null : reader.GetValue(index))]);
        }

        return rows;
    }

    private static DuckDBCommand Command(DuckDBConnection connection, SqlQuery sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql.Text;
        foreach (var parameter in sql.Parameters)
            command.Parameters.Add(new DuckDBParameter(parameter ?? DBNull.Value));
        return command;
    }
}
