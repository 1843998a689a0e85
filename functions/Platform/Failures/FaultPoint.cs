using System.Diagnostics;
using System.Globalization;

namespace DataPlatform.Failures;

/// <summary>
/// Places where a kill test can stop the process exactly. Off unless the environment variable <c>DATAPLATFORM_FAULT</c> names a
/// place, as in <c>after-commit:2</c>: the second time the process passes there, it kills itself as <c>kill -9</c> would.
/// </summary>
public static class FaultPoint
{
    public const string Variable = "DATAPLATFORM_FAULT";

    private static readonly string? Place;
    private static int _left;

    static FaultPoint()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } setting)
            return;

        var colon = setting.LastIndexOf(':');
        Place = colon < 0 ? setting : setting[..colon];
        _left = colon < 0 ? 1 : int.Parse(setting[(colon + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Marks a place between two stages of work.</summary>
    /// <param name="place">Stable kebab-case name, e.g. <c>after-commit</c>.</param>
    public static void Pass(string place)
    {
        if (Place is not null && Place == place && Interlocked.Decrement(ref _left) == 0)
            Die();
    }

    private static void Die()
    {
        using var process = Process.GetCurrentProcess();
        process.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
