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
            "Out of Memory" => new TerminalException(
                FailureKind.Unprocessable,
                "SqlOutOfMemory",
                "The query needs more memory than the platform grants one (DataPlatform:SqlMemoryBytes): aggregate or filter earlier, "
                + "sort less, or raise the limit.",
                innerException: exception),
            "IO" or "Connection" => new TransientException(
                "The SQL engine could not read or write one of its local files.", exception),
            "INTERNAL" or "FATAL" => new TerminalException(
                FailureKind.Internal, "SqlEngineFailure", "The SQL engine failed on this query.", innerException: exception),
            _ => new TerminalException(FailureKind.Invalid, "SqlError", Describe(exception.Message, kind), "sql", innerException: exception),
        };
    }

    /// <summary>The engine's words without its drawing of the query, and without values of rows.</summary>
    private static string Describe(string message, string kind)
    {
        var drawing = message.IndexOf("\n\nLINE ", StringComparison.Ordinal);
        if (drawing >= 0)
            message = message[..drawing];

        message = message.ReplaceLineEndings(" ").Trim();
        if (kind is not ("Parser" or "Syntax" or "Binder" or "Catalog"))
            message = Quoted().Replace(message, "…");

        // "Binder Error:" says nothing to whoever wrote the SQL; "Conversion Error:" does.
        if (kind is "Parser" or "Syntax" or "Binder" or "Catalog")
            message = message[(message.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        return message.Length > MaxMessage ? message[..MaxMessage] + "…" : message;
    }

    [GeneratedRegex("'[^']*'|\"[^\"]*\"", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();
}
