using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// Waiters and early events of one execution. Names ignore case; the latest waiter is served first, the earliest event taken first.
/// As on the official host, a wait that was cancelled keeps its place: it swallows the event that comes to it.
/// </summary>
internal sealed class ExternalEvents(DataConverter converter)
{
    private readonly Dictionary<string, List<IWaiter>> _waiters = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<HistoryEvent> _early = [];

    private interface IWaiter
    {
        Type Type { get; }

        bool IsDone { get; }

        void Complete(string name, string? payload);
    }

    /// <summary>Events that nobody waited for, in order of arrival.</summary>
    public IReadOnlyList<HistoryEvent> Early => _early;

    public bool HasWaiters => _waiters.Values.Any(list => list.Exists(waiter => !waiter.IsDone));

    public Task<T> Wait<T>(string name, CancellationToken cancellationToken)
    {
        if (!_waiters.TryGetValue(name, out List<IWaiter>? waiting)) _waiters[name] = waiting = [];
        if (waiting.Count > 0 && waiting[0].Type != typeof(T))
        {
            throw new ArgumentException(
                $"Event '{name}' is waited for as {waiting[0].Type} already, so not as {typeof(T)} at the same time.", nameof(name));
        }

        Waiter<T> added = new(converter);
        waiting.Add(added);
        if (cancellationToken.CanBeCanceled) cancellationToken.Register(() => added.Source.TrySetCanceled(cancellationToken));
        int index = _early.FindIndex(early => string.Equals(early.Name, name, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            HistoryEvent early = _early[index];
            _early.RemoveAt(index);
            Raise(early);
        }

        return added.Source.Task;
    }

    /// <returns>False if it went to a wait that was cancelled, and so is lost.</returns>
    public bool Raise(HistoryEvent raised)
    {
        if (!_waiters.TryGetValue(raised.Name!, out List<IWaiter>? waiting) || waiting.Count == 0)
        {
            _early.Add(raised);
            return true;
        }

        IWaiter latest = waiting[^1];
        waiting.RemoveAt(waiting.Count - 1);
        if (latest.IsDone) return false;
        latest.Complete(raised.Name!, raised.Payload);
        return true;
    }

    private sealed class Waiter<T>(DataConverter converter) : IWaiter
    {
        public TaskCompletionSource<T> Source { get; } = new();

        public Type Type => typeof(T);

        public bool IsDone => Source.Task.IsCompleted;

        public void Complete(string name, string? payload)
        {
            T? value;
            try
            {
                value = converter.Deserialize<T>(payload);
            }
            catch (Exception exception)
            {
                // Fails the one who waits; thrown from here it would fail the same turn again and again.
                Source.TrySetException(new InvalidOperationException(
                    $"The data of event '{name}' can't be read as {typeof(T)}: {exception.Message}", exception));
                return;
            }

            Source.TrySetResult(value!);
        }
    }
}
