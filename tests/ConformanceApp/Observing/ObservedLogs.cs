using Microsoft.Extensions.Logging;

namespace DataPlatform.ConformanceApp.Observing;

/// <summary>Takes the lines of the category <c>Observed</c>: the line's text is the key.</summary>
public sealed class ObservedLogs(Observations observations) : ILoggerProvider
{
    public const string Category = "Observed";

    public ILogger CreateLogger(string categoryName) => new Logger(observations, categoryName == Category);

    public void Dispose()
    {
    }

    private sealed class Logger(Observations observations, bool isObserved) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => isObserved;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (isObserved)
                observations.Add(formatter(state, exception));
        }
    }
}
