using Amqp;
using Amqp.Framing;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>Waits for the answers of the other side to a link.</summary>
internal static class HubLinks
{
    /// <summary>Opens a link.</summary>
    /// <param name="open">Makes it, given what is to be told of the answer.</param>
    /// <param name="isWhole">Whether the answer names the node; if not, the link's end with its reason follows.</param>
    /// <exception cref="HubException">The other side refused it, or does not answer.</exception>
    public static async Task<(T Link, Attach Answer)> OpenAsync<T>(
        Func<OnAttached, T> open, Func<Attach, bool> isWhole, string what, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
        where T : Link
    {
        var answer = new TaskCompletionSource<Attach>(TaskCreationOptions.RunContinuationsAsynchronously);
        T? link = null;
        try
        {
            link = open((_, attach) =>
            {
                if (isWhole(attach))
                    answer.TrySetResult(attach);
            });
            link.AddClosedCallback((_, error) => answer.TrySetException(HubException.From(error, what)));
            return (link, await answer.Task.WaitAsync(timeout, clock, cancellationToken));
        }
        catch (Exception exception) when (HubException.IsLoss(exception) || exception is HubException or OperationCanceledException)
        {
            if (link is not null)
                await CloseAsync(link, TimeSpan.Zero);
            if (exception is OperationCanceledException)
                throw;
            throw HubException.From(exception, what);
        }
    }

    /// <summary>Ends it; whether the other side hears of it or is gone makes no difference.</summary>
    public static async Task CloseAsync(AmqpObject link, TimeSpan timeout)
    {
        try
        {
            if (timeout == TimeSpan.Zero)
                _ = link.CloseAsync(TimeSpan.FromSeconds(5)).ContinueWith(closed => _ = closed.Exception, TaskScheduler.Default);
            else
                await link.CloseAsync(timeout);
        }
        catch (Exception exception) when (HubException.IsLoss(exception))
        {
            // It had ended already.
        }
    }
}
