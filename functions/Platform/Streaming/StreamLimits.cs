namespace DataPlatform.Streaming;

/// <summary>Bounds of a micro-batch. How many events come together, and how long the first waits for others, <c>host.json</c> says.</summary>
internal static class StreamLimits
{
    /// <summary>Bodies and properties of the events that are loaded together.</summary>
    public const long MicroBatchBytes = 16L << 20;

    /// <summary>Datasets of one micro-batch that are loaded at the same time.</summary>
    public const int DatasetsAtOnce = 4;
}
