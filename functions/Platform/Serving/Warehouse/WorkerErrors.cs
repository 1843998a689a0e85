using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Sql;

namespace DataPlatform.Serving.Warehouse;

/// <summary>What callers are told of a worker's failures.</summary>
internal static class WorkerErrors
{
    /// <param name="sql">As the worker was given it.</param>
    /// <param name="memory">The limit, in bytes.</param>
    public static Exception Of(WorkerFailure failure, string sql, long memory) => failure.Kind switch
    {
        WorkerFailures.OutOfMemory => OutOfMemory(memory),
        "IO" or "Connection" => new TransientException("The query's worker could not read or write one of its local files."),
        "INTERNAL" or "FATAL" or "Permission" => new TerminalException(
            FailureKind.Unprocessable, "SqlEngineFailure", "The SQL engine failed on this query: write it in another way.", OpenQueryReader.Target),
        WorkerFailures.Ours => new TerminalException(FailureKind.Invalid, OpenQueryReader.ErrorCode, failure.Message, OpenQueryReader.Target),
        _ => new TerminalException(
            FailureKind.Invalid,
            "SqlError",
            SqlErrors.Describe($"{failure.Kind} Error: {failure.Message}", failure.Kind) + Place(failure, sql),
            OpenQueryReader.Target),
    };

    /// <summary>The process died: the kernel, or what it could not get, ended it.</summary>
    public static TerminalException Lost() => new(
        FailureKind.Unprocessable,
        "QueryWorkerLost",
        "The query ended the process that ran it, most likely for want of memory: aggregate or filter earlier, sort less, or build smaller lists and texts.",
        OpenQueryReader.Target);

    private static TerminalException OutOfMemory(long memory) => new(
        FailureKind.Unprocessable,
        "SqlOutOfMemory",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The query needs more than the {memory >> 20} MiB (DataPlatform:QueryMemoryBytes) or the temporary space (DataPlatform:QueryTemporaryBytes) "
            + $"that it may have: aggregate or filter earlier, sort less, or build smaller lists and texts."),
        OpenQueryReader.Target);

    private static string Place(WorkerFailure failure, string sql) => failure.Position is >= 0 and var at ? SqlInspector.Place(sql, (ulong)at) : "";
}
