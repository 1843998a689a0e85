using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Serving.Warehouse;

/// <summary>The engine of one query: opened for it, closed after it, so that nothing of one query is there for the next.</summary>
internal static class WorkerEngine
{
    /// <summary>An engine that parses: it can open nothing.</summary>
    public static DuckDBConnection OpenParser() => Open(["SET enable_external_access = false", "SET lock_configuration = true"]);

    /// <summary>Writes the answer's body as frames.</summary>
    /// <exception cref="DuckDBException">The engine refuses the query or fails.</exception>
    /// <exception cref="TerminalException">Its result cannot be written.</exception>
    public static async Task<WorkerEnd> RunAsync(WorkerTask task, WorkerSettings settings, Stream output)
    {
        using var connection = Open(Settings(task, settings));
        foreach (var (name, select) in task.Views)
            Execute(connection, $"CREATE VIEW {SqlText.Identifier(name)} AS {select}");
        if (task.Explain)
            return await ExplainAsync(connection, task, output);

        var described = Located(WorkerTexts.Describe, () => Describe(connection, task));
        var (columns, before) = Typed(described);
        using var command = Command(connection, $"{before}{task.Sql}{After(described.Count)}", task.Parameters);
        command.UseStreamingMode = true;
        using var reader = Located(before, command.ExecuteReader);
        return await Located(before, () => WriteAsync(task, columns, reader, output));
    }

    /// <summary>Notes at what goes wrong what stood before the caller's SQL, so that its place in that can be told.</summary>
    private static T Located<T>(string before, Func<T> run)
    {
        try
        {
            return run();
        }
        catch (DuckDBException exception)
        {
            exception.Data[WorkerFailures.Before] = Encoding.UTF8.GetByteCount(before);
            throw;
        }
    }

    private static async Task<T> Located<T>(string before, Func<Task<T>> run)
    {
        try
        {
            return await run();
        }
        catch (DuckDBException exception)
        {
            exception.Data[WorkerFailures.Before] = Encoding.UTF8.GetByteCount(before);
            throw;
        }
    }

    private static IEnumerable<string> Settings(WorkerTask task, WorkerSettings settings)
    {
        yield return "SET TimeZone = 'UTC'";
        yield return "SET Calendar = 'gregorian'";
        yield return string.Create(CultureInfo.InvariantCulture, $"SET memory_limit = '{settings.MemoryBytes >> 20}MiB'");
        yield return string.Create(CultureInfo.InvariantCulture, $"SET threads = {Math.Clamp(Environment.ProcessorCount, 1, 4)}");
        yield return $"SET temp_directory = {SqlText.Literal(Environment.CurrentDirectory)}";
        yield return string.Create(CultureInfo.InvariantCulture, $"SET max_temp_directory_size = '{settings.TemporaryBytes >> 20}MiB'");
        yield return "SET autoinstall_known_extensions = false";
        yield return "SET autoload_known_extensions = false";
        yield return "SET errors_as_json = true";
        yield return $"SET allowed_paths = [{string.Join(", ", task.Files.Select(SqlText.Literal))}]";
        yield return "SET enable_external_access = false";
        yield return "SET lock_configuration = true";
    }

    private static DuckDBConnection Open(IEnumerable<string> settings)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        try
        {
            connection.Open();
            foreach (var setting in settings)
                Execute(connection, setting);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static DuckDBCommand Command(DuckDBConnection connection, string sql, IReadOnlyDictionary<string, JsonElement> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.Add(new DuckDBParameter(name, ValueOf(value)));
        return command;
    }

    private static object ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole,
        JsonValueKind.Number when value.GetRawText().AsSpan().IndexOfAny('e', 'E') < 0 && value.TryGetDecimal(out var exact) => exact,
        JsonValueKind.Number => value.GetDouble(),
        _ => DBNull.Value,
    };

    /// <summary>The query alone, so that the places of its mistakes are those its author sees.</summary>
    private static List<(string Name, string Type)> Describe(DuckDBConnection connection, WorkerTask task)
    {
        using var command = Command(connection, WorkerTexts.Describe + task.Sql, task.Parameters);
        using var reader = command.ExecuteReader();
        List<(string, string)> columns = [];
        while (reader.Read())
            columns.Add((reader.GetString(0), reader.GetString(1)));
        return columns;
    }

    /// <summary>What goes before the query, so that its columns come as they leave.</summary>
    private static (IReadOnlyList<TableColumn> Columns, string Before) Typed(List<(string Name, string Type)> described)
    {
        if (described.GroupBy(column => column.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Fault($"its result has {twice.Count()} columns named '{twice.Key}': give them names of their own with AS");
        var typed = described.Select((column, index) => WorkerTexts.Typed(column.Name, column.Type, $"c{index}")).ToList();
        var text = new StringBuilder("SELECT ").AppendJoin(", ", typed.Select(column => column.Expression));
        return ([.. typed.Select(column => column.Column)], text.Append(" FROM (\n").ToString());
    }

    private static string After(int columns) => $"\n) AS q({string.Join(", ", Enumerable.Range(0, columns).Select(index => $"c{index}"))})";

    private static async Task<WorkerEnd> WriteAsync(WorkerTask task, IReadOnlyList<TableColumn> columns, DuckDBDataReader reader, Stream output)
    {
        var buffer = new ArrayBufferWriter<byte>(40 << 10);
        var writer = RowWriter.Create(task.Format, columns, buffer);
        using var disposable = writer as IDisposable;
        writer.Begin(count: null);
        var (rows, sent, truncated) = (0L, 0L, false);
        while (reader.Read())
        {
            if (rows == task.MaxRows || sent + buffer.WrittenCount + writer.Pending >= task.MaxBytes)
            {
                truncated = true;
                break;
            }

            writer.Write(reader);
            rows++;
            if (buffer.WrittenCount + writer.Pending >= writer.FlushBytes)
                sent += await SendAsync(writer, buffer, output);
        }

        if (truncated)
            writer.EndTruncated();
        else
            writer.End();
        await SendAsync(writer, buffer, output);
        return new WorkerEnd(rows, truncated);
    }

    private static async Task<int> SendAsync(RowWriter writer, ArrayBufferWriter<byte> buffer, Stream output)
    {
        writer.Flush();
        var bytes = buffer.WrittenCount;
        await Frames.WriteAsync(output, FrameKind.Data, buffer.WrittenMemory, CancellationToken.None);
        buffer.ResetWrittenCount();
        return bytes;
    }

    private static async Task<WorkerEnd> ExplainAsync(DuckDBConnection connection, WorkerTask task, Stream output)
    {
        using var command = Command(connection, WorkerTexts.Explain + task.Sql, task.Parameters);
        using var reader = Located(WorkerTexts.Explain, command.ExecuteReader);
        if (!reader.Read())
            throw Fault("the engine gives no plan of it");
        await Frames.WriteAsync(output, FrameKind.Data, QueryPlan.Of(reader.GetString(1)), CancellationToken.None);
        return new WorkerEnd(1, false);
    }

    private static TerminalException Fault(string fault) => SqlInspector.Error(fault, OpenQueryReader.Target);
}
