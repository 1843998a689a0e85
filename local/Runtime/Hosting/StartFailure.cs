using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Tells the user why the app did not start and ends the process with exit code 1: the messages, with the stack only when
/// <c>Logging:LogLevel:Default</c> is <c>Debug</c> or lower.</summary>
internal sealed class StartFailure(RuntimeOptions options, IConfiguration settings)
{
    /// <summary>From now until <see cref="Unwatch"/>, also for what the program itself throws before it has a host.</summary>
    public void Watch()
    {
        if (options.OwnsProcess)
        {
            AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        }
    }

    public void Unwatch() => AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;

    public void Report(Exception exception)
    {
        foreach (var line in Lines(exception))
        {
            options.Errors.WriteLine(line);
        }

        if (settings["Logging:LogLevel:Default"] is "Debug" or "Trace")
        {
            options.Errors.WriteLine(exception);
        }

        options.Errors.Flush();
    }

    /// <summary>The message, and below it those of its causes that say something more.</summary>
    private static IEnumerable<string> Lines(Exception exception)
    {
        if (exception is AggregateException aggregate)
        {
            return aggregate.Flatten().InnerExceptions.SelectMany(Lines);
        }

        var lines = new List<string> { exception.Message };
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (!lines.Exists(line => line.Contains(inner.Message.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)))
            {
                lines.Add("  because: " + inner.Message);
            }
        }

        return lines;
    }

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs args)
    {
        Report((Exception)args.ExceptionObject);
        options.Exit!(1);
    }
}
