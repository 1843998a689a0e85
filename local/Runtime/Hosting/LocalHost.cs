using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>The host that <c>Build</c> returns: checks everything first, says where it listens, and ends the process with a clear
/// message when it cannot start.</summary>
internal sealed class LocalHost(WebApplication app, RuntimeOptions options, StartFailure failure) : IHost, IAsyncDisposable
{
    private readonly SecondInterrupt _interrupt = new(options);

    public IServiceProvider Services => app.Services;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            app.Services.GetRequiredService<StartChecks>().Run();
            await ListenAsync(cancellationToken);
            ServerAddresses.RequireLoopback(app.Urls, app.Services.GetRequiredService<RuntimeSettings>());
        }
        catch (Exception exception) when (options.Exit is not null && exception is not OperationCanceledException)
        {
            failure.Report(exception);
            await app.DisposeAsync();
            options.Exit(1);
            throw;
        }

        failure.Unwatch();
        _interrupt.Watch();
        var logger = app.Services.GetRequiredService<ILogger<LocalHost>>();
        foreach (var warning in app.Services.GetRequiredService<StartErrors>().Warnings)
        {
            Log.Warning(logger, warning);
        }

        foreach (var address in app.Urls)
        {
            await options.Output.WriteLineAsync($"Listening on {address}");
        }

        await options.Output.FlushAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => app.StopAsync(cancellationToken);

    public void Dispose()
    {
        _interrupt.Dispose();
        ((IDisposable)app).Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _interrupt.Dispose();
        return app.DisposeAsync();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new IOException($"{exception.Message.TrimEnd('.')}; stop the other program, or choose another port with --port (0: any free one).", exception);
        }
    }
}
