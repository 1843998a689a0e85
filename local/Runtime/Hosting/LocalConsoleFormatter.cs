using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>One line a log entry, with the exception on lines of its own below.</summary>
internal sealed class LocalConsoleFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "local";

    // A refused start is reported on standard error without its stack; see StartFailure.
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";
    private const int HostingFailedToStart = 11;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (logEntry.EventId.Id == HostingFailedToStart && logEntry.Category == HostCategory)
        {
            return;
        }

        textWriter.Write(clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture));
        textWriter.Write(LevelOf(logEntry.LogLevel));
        textWriter.Write(' ');
        textWriter.Write(logEntry.Category);
        textWriter.Write(": ");
        textWriter.WriteLine(OneLine(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        if (logEntry.Exception is { } exception)
        {
            textWriter.WriteLine(exception);
        }
    }

    // A line break in a value, such as a request's path, must not look like another entry.
    private static string OneLine(string message) =>
        message.ReplaceLineEndings(" ");

    private static string LevelOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
