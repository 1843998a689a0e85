using Microsoft.Extensions.Hosting;

namespace DataPlatform.Sql;

/// <summary>Makes the scratch folder when the app starts, so that what killed processes left goes then and not with the first query.</summary>
internal sealed class ScratchStart(ScratchFolder scratch) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        Directory.Exists(scratch.Path) ? Task.CompletedTask : throw new DirectoryNotFoundException(scratch.Path);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
