using DataPlatform.Failures;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Lake;

/// <summary>
/// Asks the storage for something small when the host starts, so that whoever starts it hears at once what is missing. The host serves
/// all the same: requests are answered 503, and right as soon as the storage is there.
/// </summary>
internal sealed class StorageWatch(IObjectStore objects, IRowStore rows, TimeProvider clock, ILogger<StorageWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly LakePath Object = LakePath.Parse("catalog/probe");
    private static readonly RowKey Row = new("probe", "probe");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var told = false; ; told = true)
        {
            try
            {
                await objects.GetInfoAsync(Object, stoppingToken);
                await rows.GetAsync("names", Row, stoppingToken);
                if (told)
                    Log.StorageAnswers(logger);
                return;
            }
            catch (Exception exception) when (exception is TransientException or TerminalException)
            {
                if (!told)
                    Log.StorageMissing(logger, exception.Message);
            }

            await Task.Delay(Pause, clock, stoppingToken);
        }
    }
}
