namespace DataPlatform.EndToEnd.Tests;

/// <summary>How often a fault test kills: a few rounds usually, the full count with <c>./dev test --long</c>.</summary>
internal static class FaultRounds
{
    public static bool Long { get; } = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1";

    /// <summary><c>DATAPLATFORM_ROUNDS</c> asks for another number.</summary>
    public static int Count(int usual, int @long) =>
        int.TryParse(Environment.GetEnvironmentVariable("DATAPLATFORM_ROUNDS"), out var given) ? given : Long ? @long : usual;

    /// <summary>The seed is printed, and <c>DATAPLATFORM_SEED</c> repeats a run.</summary>
    public static Random Random(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DATAPLATFORM_SEED"), out var given) ? given : System.Random.Shared.Next();
        output.WriteLine($"DATAPLATFORM_SEED={seed}");
        return new Random(seed);
    }
}
