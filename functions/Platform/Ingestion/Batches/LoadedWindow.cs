using DataPlatform.Ingestion.Dedupe;

namespace DataPlatform.Ingestion.Batches;

/// <summary>What was decided of a batch's keys while it was loaded, for its commit to go on from.</summary>
/// <param name="Keys">Those that count once.</param>
/// <param name="Version">The version of the table that was looked at; -1 when there was none.</param>
/// <param name="Sources">Log paths of the files that hold rows which the batch repeats.</param>
/// <param name="Parts">The batch's data files.</param>
internal sealed record LoadedWindow(IReadOnlyList<KeyWindow> Keys, long Version, IReadOnlySet<string> Sources, IReadOnlyList<PartKeys> Parts)
{
    public LoadedWindow(DedupePass pass, IReadOnlyList<PartKeys> parts)
        : this(pass.Windows, pass.Version, pass.Sources, parts)
    {
    }
}
