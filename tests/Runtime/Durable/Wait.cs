namespace DataPlatform.Local.Runtime.Tests.Durable;

internal static class Wait
{
    public static async Task Until(Func<bool> condition)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (!condition()) await Task.Delay(2, patience.Token);
    }
}
