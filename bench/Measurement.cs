using System.Text.Json.Serialization;

namespace DataPlatform.Bench;

/// <summary>One figure beside its baseline, both measured in the same run.</summary>
/// <param name="Better"><c>lower</c> or <c>higher</c>.</param>
internal sealed record Measurement(string Name, double Value, string Unit, double Baseline, string BaselineName, string Better)
{
    public double Ratio => Math.Round(Value / Baseline, 3);

    /// <summary>Where it was measured: system, processor, cores, memory, runtime. The baseline's name says its version.</summary>
    public string Machine { get; init; } = "";

    /// <summary>What was done, for the reader of the table.</summary>
    [JsonIgnore]
    public string Note { get; init; } = "";
}
