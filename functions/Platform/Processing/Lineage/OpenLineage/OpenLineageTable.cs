using System.Globalization;
using System.Text.Json.Nodes;
using DataPlatform.Processing.Lineage.Columns;
using DataPlatform.Sql.Lineage;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage.OpenLineage;

/// <summary>A table at a version, as OpenLineage's datasets are written.</summary>
/// <param name="Snapshot">Null when the version is not kept any more.</param>
internal sealed record OpenLineageTable(TableName Table, long Version, Snapshot? Snapshot)
{
    /// <summary>The place in storage: <c>warehouse/fact_flights</c>.</summary>
    public static string NameOf(TableName table) => table.Root.Value;

    public JsonObject AsInput() => Write([]);

    /// <param name="assertions">What was found when the table was looked at.</param>
    public JsonObject AsChecked(JsonArray assertions)
    {
        var dataset = Write([]);
        dataset["inputFacets"] = new JsonObject
        {
            ["dataQualityAssertions"] = OpenLineageSpec.DataQualityAssertions(new JsonObject { ["assertions"] = assertions }),
        };
        return dataset;
    }

    public JsonObject AsOutput(QueryLineage? lineage, Func<string, TableName?> tables, JsonObject? statistics)
    {
        var facets = new JsonObject();
        if (lineage is not null)
            facets["columnLineage"] = ColumnLineage(lineage, tables);
        var dataset = Write(facets);
        if (statistics is not null)
            dataset["outputFacets"] = new JsonObject { ["outputStatistics"] = OpenLineageSpec.OutputStatistics(statistics) };
        return dataset;
    }

    private JsonObject Write(JsonObject facets)
    {
        facets["version"] = OpenLineageSpec.DatasetVersion(new JsonObject { ["datasetVersion"] = Version.ToString(CultureInfo.InvariantCulture) });
        if (Snapshot is not null)
        {
            facets["schema"] = OpenLineageSpec.Schema(new JsonObject
            {
                ["fields"] = new JsonArray([.. Snapshot.Columns.Select(column => new JsonObject { ["name"] = column.Name, ["type"] = column.Type })]),
            });
        }

        return new JsonObject { ["namespace"] = OpenLineageSpec.Namespace, ["name"] = NameOf(Table), ["facets"] = facets };
    }

    /// <summary>A column of which not all inputs are known is left out: the format has no word for that.</summary>
    private JsonObject ColumnLineage(QueryLineage lineage, Func<string, TableName?> tables)
    {
        var fields = new JsonObject();
        foreach (var name in Snapshot?.Columns.Select(column => column.Name) ?? lineage.Columns.Select(column => column.Name))
        {
            if (name.Length > 0 && lineage.Find(name) is { Unknown: null } flow)
                fields[name] = new JsonObject { ["inputFields"] = Inputs(flow, tables) };
        }

        var members = new JsonObject { ["fields"] = fields };
        if (lineage.Rows is { Unknown: null, Sources.Count: > 0 })
            members["dataset"] = Inputs(lineage.Rows, tables);
        return OpenLineageSpec.ColumnLineage(members);
    }

    private static JsonArray Inputs(Flow flow, Func<string, TableName?> tables) =>
    [
        .. flow.Sources.Where(source => tables(source.Key.Table) is not null).Select(source => new JsonObject
        {
            ["namespace"] = OpenLineageSpec.Namespace,
            ["name"] = NameOf(tables(source.Key.Table)!),
            ["field"] = source.Key.Column,
            ["transformations"] = new JsonArray([.. LineageTransformation.Of(source.Value).Select(how => new JsonObject { ["type"] = how.Type, ["subtype"] = how.Subtype })]),
        }),
    ];
}
