using System.Text.RegularExpressions;
using DataPlatform.Failures;
using DuckDB.NET.Data;

namespace DataPlatform.Sql;

/// <summary>Turns the engine's errors into ours.</summary>
internal static partial class SqlErrors
{
    private const int MaxMessage = 1000;

    public static Exception Translate(DuckDBException exception, CancellationToken cancellationToken)
    {
        // The binding fills in ErrorType only for some calls; the message always starts with the kind.
        var kind = exception.Message.Split(" Error: ", 2)[0];
        if (cancellationToken.IsCancellationRequested || kind == "INTERRUPT")
            return new OperationCanceledException("The query was cancelled.", exception, cancellationToken);

        return kind switch
        {
            // What it cannot move out of memory for want of disk is told as want of memory.
            "Out of Memory" when exception.Message.Contains("max_temp_directory_size", StringComparison.Ordinal) => TemporaryDisk.Exceeded(exception),
            "Out of Memory" => new TerminalException(
                FailureKind.Unprocessable,
                "SqlOutOfMemory",
                "The query needs more memory than the platform grants it (DataPlatform:SqlMemoryBytes in pipelines and marts, "
                + "DataPlatform:ServingMemoryBytes where rows are read): aggregate or filter earlier, "
                + "sort less, or raise the limit.",
                innerException: exception),
            "IO" or "Connection" => new TransientException(
                "The SQL engine could not read or write one of its local files.", exception),
            "INTERNAL" or "FATAL" => new TerminalException(
                FailureKind.Internal, "SqlEngineFailure", "The SQL engine failed on this query.", innerException: exception),
            // Failures are logged with what they wrap: an error that may quote rows is not kept.
            _ => new TerminalException(
                FailureKind.Invalid, "SqlError", Describe(exception.Message, kind), "sql", innerException: IsOfTheText(kind) ? exception : null),
        };
    }

    /// <summary>Whether errors of this kind speak of the SQL text alone; others may quote values of rows.</summary>
    private static bool IsOfTheText(string kind) => kind is "Parser" or "Syntax" or "Binder" or "Catalog";

    /// <summary>The engine's words without its drawing of the query, and without values of rows.</summary>
    public static string Describe(string message, string kind)
    {
        var drawing = message.IndexOf("\n\nLINE ", StringComparison.Ordinal);
        if (drawing >= 0)
            message = message[..drawing];

        message = message.ReplaceLineEndings(" ").Trim();
        if (!IsOfTheText(kind))
            message = Quoted().Replace(message, "…");

        // "Binder Error:" says nothing to whoever wrote the SQL; "Conversion Error:" does.
        if (IsOfTheText(kind))
            message = message[(message.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        return message.Length > MaxMessage ? message[..MaxMessage] + "…" : message;
    }

    [GeneratedRegex("'[^']*'|\"[^\"]*\"", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();
}
