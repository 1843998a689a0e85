using Azure.Messaging.EventHubs;
using Azure.Storage.Blobs;
using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Checks the functions that events start, and feeds them while the host is up.</summary>
internal sealed class EventHubService(
    RetryingInvoker invoker,
    IConfiguration settings,
    RuntimeSettings runtime,
    HostJson host,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<EventHubService> logger) : IFunctionValidator, IHostedService, IDisposable
{
    // Where the official host keeps its checkpoints.
    private const string Storage = "AzureWebJobsStorage";

    private readonly List<HubProcessor> _processors = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Validate(FunctionCatalog catalog, StartErrors errors)
    {
        var options = HubOptions.Read(host.EventHubs, errors);
        foreach (var function in catalog.Of(TriggerKind.EventHub))
        {
            RetryDelays.Check(function, errors);
            if (HubTrigger.TryCreate(function, settings, errors) is { } trigger)
            {
                CheckParameter(trigger, errors);
                if (Store(trigger, errors) is { } store)
                {
                    _processors.Add(new HubProcessor(trigger, new HubClient(trigger.Connection, clock), store, options, invoker, clock, logger));
                }
            }
        }
    }

    /// <summary>Nothing runs before the whole host is up: a start that is refused has run nothing.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(
            () => _running = Task.WhenAll(_processors.Select(processor => Task.Run(() => processor.RunAsync(_stopping.Token)))));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private ICheckpointStore? Store(HubTrigger trigger, StartErrors errors)
    {
        var (space, name) = (trigger.Connection.Host, trigger.Function.Name);
        if (settings[Storage] is not { Length: > 0 } storage)
        {
            return new FolderCheckpointStore(runtime.StateFolder, space, trigger.Hub, trigger.ConsumerGroup, clock);
        }

        try
        {
            return new BlobCheckpointStore(new BlobContainerClient(storage, BlobCheckpointStore.Container), space, trigger.Hub, trigger.ConsumerGroup, name);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            errors.AddSetting(Storage, "it is not a connection string of a storage account", "correct it, or leave it out to keep checkpoints in files");
            return null;
        }
    }

    private static void CheckParameter(HubTrigger trigger, StartErrors errors)
    {
        var expected = trigger.IsBatched ? typeof(EventData[]) : typeof(EventData);
        var type = trigger.Function.TriggerParameter.ParameterType;
        if (type != expected)
        {
            errors.Add(trigger.Function.Name, $"its trigger parameter is {type.Name}", $"take {expected.Name}, or set IsBatched to {(trigger.IsBatched ? "false" : "true")}");
        }
    }
}
