using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;

namespace DataPlatform.Serving.Warehouse;

/// <summary>
/// The process that parses and runs the SQL of callers, one request at a time: it reads requests from its standard input and writes answers to its
/// standard output, until the input ends. It knows no storage and no secret, and can open the files of its task only.
/// </summary>
public static class QueryWorker
{
    /// <summary>The first argument of a process that is to be a worker; the second and third are bytes: of memory, and of temporary files.</summary>
    public const string Argument = "--query-worker";

    /// <summary>What the engine's own limit does not count: its threads, the runtime's code, what functions allocate.</summary>
    private const long Overhead = 384L << 20;

    /// <summary>Serves until the input ends.</summary>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var memory = long.Parse(arguments[1], CultureInfo.InvariantCulture);
        var settings = new WorkerSettings(memory, long.Parse(arguments[2], CultureInfo.InvariantCulture));
        AddressSpace.Limit(memory + Overhead);

        var output = Console.OpenStandardOutput();
        using var requests = Requests();
        using (WorkerEngine.OpenParser())
        {
            // Loads the engine before the first request comes.
        }

        foreach (var request in requests.GetConsumingEnumerable())
        {
            try
            {
                if (request.Parse is { } statements)
                    await Frames.WriteAsync(output, FrameKind.Trees, Parse(statements), CancellationToken.None);
                else
                    await Frames.WriteAsync(output, FrameKind.End, await WorkerEngine.RunAsync(request.Run!, settings, output), CancellationToken.None);
            }
            catch (DuckDBException exception)
            {
                await Frames.WriteAsync(output, FrameKind.Failure, WorkerFailures.Of(exception), CancellationToken.None);
            }
            catch (OutOfMemoryException)
            {
                await Frames.WriteAsync(output, FrameKind.Failure, new WorkerFailure(WorkerFailures.OutOfMemory, ""), CancellationToken.None);
            }
            catch (Failures.TerminalException exception)
            {
                await Frames.WriteAsync(output, FrameKind.Failure, new WorkerFailure(WorkerFailures.Ours, exception.Message), CancellationToken.None);
            }
        }

        return 0;
    }

    /// <summary>Read by a thread of their own: when the platform dies, its pipe ends, and a query that nobody waits for any more must not go on.</summary>
    private static BlockingCollection<WorkerRequest> Requests()
    {
        var requests = new BlockingCollection<WorkerRequest>();
        var input = Console.OpenStandardInput();
        var reading = new Thread(() =>
        {
            try
            {
                while (true)
                {
                    var (_, content) = Frames.ReadAsync(input, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                    requests.Add(JsonSerializer.Deserialize<WorkerRequest>(content, PlatformJson.Options)!);
                }
            }
            finally
            {
                Process.GetCurrentProcess().Kill();
            }
        })
        {
            IsBackground = true,
        };
        reading.Start();
        return requests;
    }

    private static List<string> Parse(IReadOnlyList<string> statements)
    {
        using var connection = WorkerEngine.OpenParser();
        List<string> trees = [];
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT json_serialize_sql(CAST($1 AS VARCHAR))";
            command.Parameters.Add(new DuckDBParameter(statement));
            trees.Add((string)command.ExecuteScalar()!);
        }

        return trees;
    }
}
