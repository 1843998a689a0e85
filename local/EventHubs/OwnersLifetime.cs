using Microsoft.Extensions.Hosting;

namespace DataPlatform.Local.EventHubs;

/// <summary>Lives as long as whoever started it wants: no signal ends it.</summary>
internal sealed class OwnersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
