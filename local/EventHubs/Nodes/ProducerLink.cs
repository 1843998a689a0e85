using DataPlatform.Local.EventHubs.Broker;
using DataPlatform.Local.EventHubs.Protocol;
using DataPlatform.Local.EventHubs.Storage;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Takes events for a hub, or for one partition of it. They are accepted when they are durable.</summary>
internal sealed class ProducerLink(LinkRequest request, EventHub hub, HubPartition? partition, ByteBudget budget) : IncomingLink(request, MessagesUnderWay)
{
    private const uint MessagesUnderWay = 300;

    protected override async ValueTask OnMessageAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        List<StoredEvent> events;
        HubPartition target;
        try
        {
            events = EventMessages.Read(message, out var key);
            target = partition ?? hub.Choose(key);
        }
        catch (AmqpFaultException fault)
        {
            Settle(message, fault);
            return;
        }

        // The connection is not read on while too much waits to be stored: its peer waits too.
        await budget.TakeAsync(message.Bytes.Length, cancellationToken);
        _ = StoreAsync(target, events, message);
    }

    private async Task StoreAsync(HubPartition target, List<StoredEvent> events, IncomingMessage message)
    {
        AmqpFaultException? fault = null;
        try
        {
            await target.Log.AppendAsync(events);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Clients try again after this one.
            fault = new AmqpFaultException(EventHubsErrors.ServerBusy, $"The events could not be stored: {exception.Message}", exception);
        }
        finally
        {
            budget.Give(message.Bytes.Length);
        }

        Settle(message, fault);
    }
}
