using DataPlatform.Local.Runtime.Durable.Management;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Starts and stops the engine with the host.</summary>
internal sealed class DurableHost(
    DurableSettings settings,
    DurableFunctions functions,
    ManagementLinks links,
    DataConverter converter,
    ILoggerFactory loggers,
    TimeProvider time)
    : IHostedService, IAsyncDisposable
{
    private DurableEngine? _engine;

    public LocalDurableTaskClient Client => _engine?.Client
        ?? throw new InvalidOperationException("The durable engine does not run: the host has not started yet, or has stopped.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        StartErrors errors = new();
        DurableOptions options = settings.Read(errors);
        errors.ThrowIfAny();
        try
        {
            _engine = new DurableEngine(options, functions.CreateRegistry(), converter, loggers, time);
            _engine.Client.Links = links;
            await _engine.Start();
        }
        catch (SqliteException exception)
        {
            throw new InvalidOperationException(
                $"The durable store {options.StorePath} cannot be used ({exception.Message}): give LocalRuntime:State another folder or, if the file is "
                + "damaged or another program's, move it and those beside it away, and orchestrations under way are forgotten.",
                exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _engine?.Stop(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        // Registered as itself and as a hosted service, so that it is disposed twice.
        if (Interlocked.Exchange(ref _engine, null) is { } engine) await engine.DisposeAsync();
    }
}
