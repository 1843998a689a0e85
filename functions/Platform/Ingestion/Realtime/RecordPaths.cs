using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>Where a group's objects lie. What a group that failed left there is in no commit.</summary>
/// <param name="id">The group's own, made like a batch's.</param>
internal sealed class RecordPaths(string dataset, string id, DateTimeOffset started, RawPolicy policy)
{
    private readonly string _day = started.UtcDateTime.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture);

    public string Part => $"part-{BatchId.ShortOf(id)}.parquet";

    public LakePath Quarantine => LakePath.Parse($"lake/quarantine/{dataset}/{_day}/{id}.ndjson");

    /// <summary>Bodies as they came, one behind the other; or redacted rows.</summary>
    public LakePath Raw => LakePath.Parse($"lake/raw/{dataset}/{_day}/{id}{(policy == RawPolicy.Redacted ? ".ndjson" : ".json")}");
}
