namespace DataPlatform.Tables;

internal sealed class LogCleanup
{
    public Task RunAsync(TableState state, CancellationToken cancellationToken) => Task.CompletedTask;
}
