using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Platform.Tests.Processing;

namespace DataPlatform.Platform.Tests.Processing.Lineage;

/// <summary>Flights and airports, enriched by a pipeline, summed up by a mart; and a second pipeline behind the first.</summary>
internal static class LineageBed
{
    public const string Enrich = """
        { "name": "enrich", "target": "fact", "sql": "SELECT f.*, upper(a.state) AS state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin",
          "expectations": [ {"name": "known_state", "condition": "state IS NOT NULL", "onFail": "warn"} ] }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<PipelineBed> CreateAsync()
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """
            {"name": "day", "type": "date", "source": "FL_DATE"}, {"name": "delay", "type": "int32", "source": "DEP_DELAY", "expression": "value + 1"},
            {"name": "origin", "type": "string"}
            """);
        await bed.PutDatasetAsync("airports", """{"name": "iata", "type": "string"}, {"name": "state", "type": "string"}""");
        await bed.PutPipelineAsync("enriching", Enrich);
        await bed.PutPipelineAsync("late", """{ "name": "pick", "target": "late", "mode": "overwrite", "sql": "SELECT * FROM fact WHERE delay > 15" }""");
        await bed.Get<CatalogStore>().PutAsync<MartDefinition>(
            "daily",
            Encoding.UTF8.GetBytes("""
                { "source": "fact", "dimensions": [ {"name": "day"}, {"name": "region", "sql": "CASE WHEN origin = 'SFO' THEN state ELSE 'far' END -- home" } ],
                  "measures": [ {"name": "n", "type": "count"}, {"name": "avg_delay", "type": "avg", "sql": "delay"} ] }
                """),
            PutCondition.None,
            Token);
        return bed;
    }

    public static async Task LoadAsync(PipelineBed bed)
    {
        await bed.IngestAsync("airports", "iata,state\nSFO,ca\nJFK,ny\n");
        await bed.IngestAsync("flights", "FL_DATE,DEP_DELAY,origin\n2026-01-01,10,SFO\n2026-01-01,20,JFK\n2026-01-02,30,XXX\n");
    }
}
