using DataPlatform.Local.EventHubs.Broker;

namespace DataPlatform.Local.EventHubs.Tests.Broker;

public sealed class ByteBudgetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_stops_waiting_keeps_nothing_and_nobody_behind_waits_for_it()
    {
        var budget = new ByteBudget(100);
        await budget.TakeAsync(80, Token);
        using var gone = new CancellationTokenSource();
        var first = budget.TakeAsync(90, gone.Token);
        var second = budget.TakeAsync(20, Token);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        // Room for one that is small enough, now that the large one before it is gone.
        await second.WaitAsync(TimeSpan.FromSeconds(10), Token);
        budget.Give(80);
        budget.Give(20);
        await budget.TakeAsync(60, Token);
        await budget.TakeAsync(40, Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
    }
}
