using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>The host that <c>Build</c> returns: checks everything first, says where it listens, and ends the process with a clear
/// message when it cannot start.</summary>
internal sealed class LocalHost(WebApplication app, RuntimeOptions options) : IHost, IAsyncDisposable
{
    public IServiceProvider Services => app.Services;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            app.Services.GetRequiredService<StartChecks>().Run();
            await app.StartAsync(cancellationToken);
            var settings = app.Services.GetRequiredService<RuntimeSettings>();
            ServerAddresses.RequireLoopback(app.Urls, settings);
            foreach (var address in app.Urls)
            {
                await options.Output.WriteLineAsync($"Listening on {address}");
            }

            await options.Output.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (options.Exit is not null && exception is not OperationCanceledException)
        {
            StartFailure.Report(exception, options.Errors);
            Log.StartFailed(app.Services.GetRequiredService<ILogger<LocalHost>>(), exception);
            await app.DisposeAsync();
            options.Exit(1);
            throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => app.StopAsync(cancellationToken);

    public void Dispose() => ((IDisposable)app).Dispose();

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
