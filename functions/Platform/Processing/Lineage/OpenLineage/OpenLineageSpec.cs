using System.Text.Json.Nodes;

namespace DataPlatform.Processing.Lineage.OpenLineage;

/// <summary>The version of OpenLineage that events follow: <see href="https://openlineage.io/spec/2-0-2/OpenLineage.json"/>, and of each facet.</summary>
internal static class OpenLineageSpec
{
    /// <summary>Of jobs and of tables.</summary>
    public const string Namespace = "dataplatform";

    public const string Producer = "urn:dataplatform:openlineage:1";
    public const string RunEvent = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

    private const string Facets = "https://openlineage.io/spec/facets";

    public static JsonObject ColumnLineage(JsonObject members) => Facet("1-2-0", "ColumnLineageDatasetFacet", members);

    public static JsonObject DataQualityAssertions(JsonObject members) => Facet("1-1-0", "DataQualityAssertionsDatasetFacet", members);

    public static JsonObject DatasetVersion(JsonObject members) => Facet("1-0-1", "DatasetVersionDatasetFacet", members);

    public static JsonObject ErrorMessage(JsonObject members) => Facet("1-0-1", "ErrorMessageRunFacet", members);

    public static JsonObject NominalTime(JsonObject members) => Facet("1-0-1", "NominalTimeRunFacet", members);

    public static JsonObject OutputStatistics(JsonObject members) => Facet("1-0-2", "OutputStatisticsOutputDatasetFacet", members);

    public static JsonObject ParentRun(JsonObject members) => Facet("1-2-0", "ParentRunFacet", members);

    public static JsonObject Schema(JsonObject members) => Facet("1-2-0", "SchemaDatasetFacet", members);

    public static JsonObject Sql(JsonObject members) => Facet("1-1-0", "SQLJobFacet", members);

    private static JsonObject Facet(string version, string name, JsonObject members)
    {
        members["_producer"] = Producer;
        members["_schemaURL"] = $"{Facets}/{version}/{name}.json#/$defs/{name}";
        return members;
    }
}
