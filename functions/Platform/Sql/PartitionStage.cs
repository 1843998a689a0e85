using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>The partitions that a query's rows make, numbered: the relation <see cref="Table"/> of its session, gone when disposed.</summary>
internal sealed class PartitionStage : IAsyncDisposable
{
    private const string Code = "InvalidPartition";

    private readonly SqlSession _session;

    private PartitionStage(SqlSession session, IReadOnlyList<TableColumn> columns)
    {
        _session = session;
        Columns = columns;
        var id = Guid.NewGuid().ToString("N");
        (Table, Number) = ("partitions" + id, "partition" + id); // no table or column has these names
    }

    public IReadOnlyList<TableColumn> Columns { get; }

    public string Table { get; }

    /// <summary>The column with a partition's number, from 1.</summary>
    public string Number { get; }

    /// <summary>Of each partition in the order of the numbers: the columns and their values as Delta writes them.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string?>> Values { get; private set; } = [];

    /// <param name="rows">A SELECT of the rows as they will be stored.</param>
    /// <param name="stored">Its columns.</param>
    /// <exception cref="TerminalException"><c>InvalidPartition</c>: a column is missing, of a wrong type, or has a value that cannot be a partition's.
    /// <c>TooManyPartitions</c>.</exception>
    public static async Task<PartitionStage> CreateAsync(
        SqlSession session, string rows, IReadOnlyList<TableColumn> stored, IReadOnlyList<string> partitionBy, int most, IReadOnlyList<object?> parameters,
        CancellationToken cancellationToken)
    {
        var partitions = new PartitionStage(session, ColumnsOf(stored, partitionBy));
        var names = SqlText.Identifiers(partitionBy);
        await session.ExecuteAsync(
            string.Create(CultureInfo.InvariantCulture, $"""
                CREATE TABLE {partitions.Table} AS SELECT {names}, CAST(row_number() OVER () AS INTEGER) AS {partitions.Number}
                FROM (SELECT DISTINCT {names} FROM ({rows}) LIMIT {most + 1L})
                """),
            parameters,
            cancellationToken);
        try
        {
            var texts = string.Join(", ", partitions.Columns.Select(TextOf));
            partitions.Values = await session.ReadAsync(
                $"SELECT {texts} FROM {partitions.Table} ORDER BY {partitions.Number}", [], reader => partitions.Read(reader), cancellationToken);
            return partitions.Values.Count <= most ? partitions : throw await TooManyAsync(session, rows, partitionBy, most, parameters, cancellationToken);
        }
        catch
        {
            await partitions.DisposeAsync();
            throw;
        }
    }

    /// <summary>A SELECT of the rows with the number of their partition and without its columns.</summary>
    public string Numbered(string rows, IReadOnlyList<TableColumn> stored)
    {
        var same = string.Join(" AND ", Columns.Select(column => $"source.{SqlText.Identifier(column.Name)} IS NOT DISTINCT FROM {Table}.{SqlText.Identifier(column.Name)}"));
        var kept = string.Join(", ", stored.Except(Columns).Select(column => $"source.{SqlText.Identifier(column.Name)}"));
        return $"SELECT {kept}, {Table}.{Number} FROM ({rows}) AS source JOIN {Table} ON {same}";
    }

    public async ValueTask DisposeAsync() => await _session.ExecuteAsync($"DROP TABLE {Table}", CancellationToken.None);

    private static List<TableColumn> ColumnsOf(IReadOnlyList<TableColumn> stored, IReadOnlyList<string> partitionBy)
    {
        var columns = partitionBy.Select(name => stored.FirstOrDefault(column => column.Name == name)
            ?? throw Invalid(name, $"Files are divided by '{name}', which the rows do not have: select it so named, or correct 'partitionBy'.")).ToList();
        if (columns.Find(column => !SchemaRules.CanPartition(column.Type)) is { } column)
            throw Invalid(column.Name, $"Files cannot be divided by '{column.Name}', which is {column.Type}: take a boolean, whole number, decimal, string, date or timestamp.");
        return columns.Count < stored.Count
            ? columns
            : throw Invalid(columns[0].Name, "Files cannot be divided by all columns: leave one out of 'partitionBy'.");
    }

    /// <summary>As PROTOCOL.md has it ("Partition Value Serialization"); nothing can be mistaken for another type's text.</summary>
    private static string TextOf(TableColumn column)
    {
        var name = SqlText.Identifier(column.Name);

        // What lies outside of all times has no microseconds; it must not look like NULL.
        return column.Type == "timestamp"
            ? $"coalesce(replace(CAST(make_timestamp(epoch_us({name})) AS VARCHAR), ' ', 'T') || 'Z', CAST({name} AS VARCHAR))"
            : $"CAST({name} AS VARCHAR)";
    }

    private Dictionary<string, string?> Read(DuckDB.NET.Data.DuckDBDataReader reader)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (var i = 0; i < Columns.Count; i++)
            values[Columns[i].Name] = reader.IsDBNull(i) ? null : Checked(Columns[i], reader.GetString(i));
        return values;
    }

    private static string Checked(TableColumn column, string value) => column.Type switch
    {
        "string" when value is "" or PartitionValues.NullFolder =>
            throw Invalid(column.Name, $"Files are divided by '{column.Name}', which is '{value}' in some rows: Delta tables read that as NULL. Write NULL, or another text."),
        "string" when value.Contains('\0', StringComparison.Ordinal) =>
            throw Invalid(column.Name, $"Files are divided by '{column.Name}', which holds the character NUL in some rows: take it out."),
        "date" or "timestamp" when value.Length < 10 || value[4] != '-' || value.EndsWith(')') || value.EndsWith(")Z", StringComparison.Ordinal) =>
            throw Invalid(column.Name, $"Files are divided by '{column.Name}', which is not within the years 1 to 9999 in some rows: leave these out, or write NULL."),
        _ => value,
    };

    private static async Task<TerminalException> TooManyAsync(
        SqlSession session, string rows, IReadOnlyList<string> partitionBy, int most, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        List<string> counts = [];
        foreach (var name in partitionBy)
        {
            var count = (await session.ReadAsync(
                $"SELECT count(*) FROM (SELECT DISTINCT {SqlText.Identifier(name)} FROM ({rows}))", parameters, reader => reader.GetInt64(0), cancellationToken))[0];
            counts.Add(string.Create(CultureInfo.InvariantCulture, $"'{name}' has {count} values"));
        }

        return new TerminalException(
            FailureKind.Unprocessable,
            "TooManyPartitions",
            $"The rows would be divided into more than the {most} partitions that one write may make (DataPlatform:PartitionsPerWrite): {string.Join(", ", counts)}. "
            + "Divide by something coarser, as by the day of a time, or write less at once.",
            partitionBy[0]);
    }

    private static TerminalException Invalid(string column, string message) => new(FailureKind.Unprocessable, Code, message, column);
}
