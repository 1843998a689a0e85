using System.Text.Json.Serialization;
using DataPlatform.Lake;

namespace DataPlatform.Tables;

/// <summary>A table of the platform. Names share one flat namespace over all kinds.</summary>
public sealed record TableName(TableKind Kind, string Name)
{
    /// <summary>The table's folder; its log lies in <c>_delta_log</c> below it.</summary>
    [JsonIgnore]
    public LakePath Root => LakePath.Parse(Kind switch
    {
        TableKind.Dataset => $"lake/tables/{Name}",
        TableKind.Warehouse => $"warehouse/{Name}",
        _ => $"marts/{Name}",
    });

    public override string ToString() => Name;
}
