using System.Globalization;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Where an attempt's objects lie; all of it follows from the claim. What a dead attempt left there is in no commit.</summary>
internal sealed class BatchPaths(BatchClaim claim)
{
    private readonly string _day = claim.Started.UtcDateTime.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture);

    /// <summary>Starts the names of the attempt's data files.</summary>
    public string PartPrefix => $"part-{BatchId.ShortOf(claim.Id)}-{claim.Attempt}";

    public LakePath Quarantine => LakePath.Parse($"lake/quarantine/{claim.Dataset}/{_day}/{claim.Id}/{claim.Attempt}.ndjson");

    /// <summary>The private copy of an upload that is not kept in the raw zone.</summary>
    public LakePath Copy => LakePath.Parse($"lake/uploads/{claim.Dataset}/{claim.Id}/{claim.Attempt}");

    public LakePath Raw(string extension) => LakePath.Parse($"lake/raw/{claim.Dataset}/{_day}/{claim.Id}/{claim.Attempt}{extension}");
}
