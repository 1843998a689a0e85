using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Triggers;

/// <summary>
/// Looks at triggers: at those that are due or were hinted at whenever it is called, and at all of them every 15 seconds. Any number of
/// processes may do so.
/// </summary>
public sealed class TriggerTicker(
    TriggerCatalog catalog, TriggerEvaluator evaluator, TriggerHints hints, TimeProvider clock, ILogger<TriggerTicker> logger) : IDisposable
{
    private static readonly TimeSpan AllEvery = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ForgetWithin = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, DateTimeOffset> _next = new(StringComparer.Ordinal);
    private IReadOnlyList<TriggeredDefinition> _definitions = [];
    private long? _lookedAtAll;

    /// <returns>Runs that were stored, to be scheduled.</returns>
    public async Task<IReadOnlyList<Run>> TickAsync(CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(TimeSpan.Zero, cancellationToken))
            return [];
        try
        {
            var hinted = hints.Take();
            var all = _lookedAtAll is not { } last || clock.GetElapsedTime(last) >= AllEvery || hinted.Contains("");
            if (all)
            {
                var asked = clock.GetTimestamp();
                _definitions = await catalog.ReadAsync(cancellationToken);
                _next.Clear();
                _lookedAtAll = asked;
            }

            return await EvaluateAsync(all, hinted, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<IReadOnlyList<Run>> EvaluateAsync(bool all, IReadOnlyCollection<string> hinted, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var tables = TriggerCatalog.TablesOf(_definitions);
        List<Run> runs = [];
        foreach (var definition in _definitions)
        {
            // Without triggers there is nothing to see, but where some were taken away their state has to go.
            if (definition.Triggers.Count == 0 && now - definition.Updated > ForgetWithin)
                continue;
            var isDue = _next.TryGetValue(definition.Key, out var next) && next <= now;
            if (!(all || isDue || hinted.Any(hint => hint == definition.Key || definition.Watches(hint))))
                continue;
            try
            {
                _next.Remove(definition.Key);
                var turn = await evaluator.EvaluateAsync(definition, tables, cancellationToken);
                runs.AddRange(turn.Runs);
                if (turn.Next is { } again)
                    _next[definition.Key] = again;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever is wrong with one, such as a damaged row: the others are due all the same.
                Log.NotEvaluated(logger, definition.Kind, definition.Name, exception);
            }
        }

        return runs;
    }
}
