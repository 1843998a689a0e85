using System.Globalization;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>A place in Azure whose memory the local host holds to: <c>--like flex</c>, or <c>--like flex:4096</c> for an instance of that size in MB.</summary>
/// <param name="InstanceMegabytes">The instance's memory.</param>
internal sealed record Place(int InstanceMegabytes)
{
    private const int HostMegabytes = 256;
    private const int StandardMegabytes = 2048;
    private static readonly int[] Sizes = [512, StandardMegabytes, 4096];

    /// <summary>What is left for the app when the official host, a process of its own there, has its part.</summary>
    public long AppBytes => (InstanceMegabytes - HostMegabytes) * 1024L * 1024;

    /// <summary>What the garbage collector allows itself in a container of that size.</summary>
    public long HeapBytes => InstanceMegabytes * 1024L * 1024 / 4 * 3;

    public static Place? Read(IConfiguration configuration, StartErrors errors)
    {
        switch (configuration["like"]?.ToUpperInvariant().Split(':'))
        {
            case null:
                return null;
            case ["FLEX"]:
                return new Place(StandardMegabytes);
            case ["FLEX", var size] when int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var megabytes) && Sizes.Contains(megabytes):
                return new Place(megabytes);
            default:
                errors.AddSetting("like", $"'{configuration["like"]}' is not a known place", "write flex, flex:512, flex:2048 or flex:4096");
                return null;
        }
    }
}
