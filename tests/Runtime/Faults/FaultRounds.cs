namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>How often a fault test kills: a few rounds usually, the full count with <c>./dev test --long</c>.</summary>
internal static class FaultRounds
{
    public static int Count(int usual, int @long) => Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1" ? @long : usual;

    /// <summary>The seed is printed, and <c>DATAPLATFORM_SEED</c> repeats a run.</summary>
    public static Random Random(ITestOutputHelper output)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("DATAPLATFORM_SEED"), out int given) ? given : System.Random.Shared.Next();
        output.WriteLine($"DATAPLATFORM_SEED={seed}");
        return new Random(seed);
    }
}
