using System.Text.RegularExpressions;
using DataPlatform.Failures;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataPlatform.Sql;

/// <summary>Turns the engine's errors into ours.</summary>
internal static partial class SqlErrors
{
    private const int MaxMessage = 1000;

    public static Exception Translate(DuckDBException exception, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested || exception.ErrorType == DuckDBErrorType.Interrupt)
            return new OperationCanceledException("The query was cancelled.", exception, cancellationToken);

        return exception.ErrorType switch
        {
            DuckDBErrorType.OutOfMemory => new TerminalException(
                FailureKind.Unprocessable,
                "SqlOutOfMemory",
                "The query needs more memory than the platform grants one (DataPlatform:SqlMemoryBytes): aggregate or filter earlier, "
                + "sort less, or raise the limit.",
                innerException: exception),
            DuckDBErrorType.Io or DuckDBErrorType.Connection => new TransientException(
                "The SQL engine could not read or write one of its local files.", exception),
            DuckDBErrorType.Internal or DuckDBErrorType.Fatal => new TerminalException(
                FailureKind.Internal, "SqlEngineFailure", "The SQL engine failed on this query.", innerException: exception),
            _ => new TerminalException(FailureKind.Invalid, "SqlError", Describe(exception), "sql", innerException: exception),
        };
    }

    /// <summary>The engine's words without its drawing of the query, and without values of rows.</summary>
    private static string Describe(DuckDBException exception)
    {
        var message = exception.Message;
        var drawing = message.IndexOf("\n\nLINE ", StringComparison.Ordinal);
        if (drawing >= 0)
            message = message[..drawing];

        message = message.ReplaceLineEndings(" ").Trim();
        if (exception.ErrorType is not (DuckDBErrorType.Parser or DuckDBErrorType.Syntax or DuckDBErrorType.Binder or DuckDBErrorType.Catalog))
            message = Quoted().Replace(message, "…");
        return message.Length > MaxMessage ? message[..MaxMessage] + "…" : message;
    }

    [GeneratedRegex("'[^']*'|\"[^\"]*\"", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();
}
