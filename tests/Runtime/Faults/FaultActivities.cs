using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>Activities whose effects are idempotent by their key.</summary>
public sealed class FaultActivities(EffectStore effects)
{
    public const string Effect = "FaultEffect";
    public const string Flaky = "FaultFlaky";
    public const string Slow = "FaultSlow";

    /// <summary>Long enough that a process which looks for work once a second gets its share.</summary>
    private static readonly TimeSpan SlowTime = TimeSpan.FromMilliseconds(100);

    [Function(Effect)]
    public async Task<long> EffectAsync([ActivityTrigger] string key, CancellationToken cancellationToken)
    {
        effects.Attempt(key);
        await Task.Delay(Random.Shared.Next(10), cancellationToken);
        long value = effects.Apply(key);
        await Task.Delay(Random.Shared.Next(10), cancellationToken);
        return value;
    }

    /// <summary>Fails at its first attempt.</summary>
    [Function(Flaky)]
    public long FlakyOnce([ActivityTrigger] string key) =>
        effects.Attempt(key) == 1 ? throw new InvalidOperationException("The first attempt fails.") : effects.Apply(key);

    [Function(Slow)]
    public async Task<long> SlowAsync([ActivityTrigger] string key, CancellationToken cancellationToken)
    {
        effects.Attempt(key);
        await Task.Delay(SlowTime, cancellationToken);
        return effects.Apply(key);
    }
}
