using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPlatform.Processing.Lineage.OpenLineage;

namespace DataPlatform.Platform.Tests.Processing.Lineage.OpenLineage;

/// <summary>Events of runs: what they tell, and that they have the shape that the specification (2-0-2) and its facets demand.</summary>
public sealed partial class OpenLineageReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_tells_what_it_read_and_wrote()
    {
        await using var bed = await LineageBed.CreateAsync();
        await LineageBed.LoadAsync(bed);
        var run = await bed.RunAsync("enriching");

        var events = await ReadAsync(bed, run.Id);

        Assert.Equal(
            ["START enriching", "START enriching.enrich", "COMPLETE enriching.enrich", "START enriching.enrich.expectations",
                "COMPLETE enriching.enrich.expectations", "COMPLETE enriching"],
            events.Select(Title));
        var step = events[2];
        Assert.Equal(["lake/tables/flights@0", "lake/tables/airports@0"], step["inputs"]!.AsArray().Select(Dataset));
        var output = Assert.Single(step["outputs"]!.AsArray())!;
        Assert.Equal("warehouse/fact@0", Dataset(output));
        Assert.Equal(["day date", "delay integer", "origin string", "state string"], output["facets"]!["schema"]!["fields"]!.AsArray().Select(field => $"{field!["name"]} {field["type"]}"));
        var statistics = output["outputFacets"]!["outputStatistics"]!;
        Assert.Equal((3L, 1), ((long)statistics["rowCount"]!, (int)statistics["fileCount"]!));
        Assert.True((long)statistics["size"]! > 0);
        Assert.Equal(
            """[{"namespace":"dataplatform","name":"lake/tables/airports","field":"state","transformations":[{"type":"DIRECT","subtype":"TRANSFORMATION"}]}]""",
            output["facets"]!["columnLineage"]!["fields"]!["state"]!["inputFields"]!.ToJsonString());
        Assert.Equal(["iata JOIN", "origin JOIN"], output["facets"]!["columnLineage"]!["dataset"]!.AsArray().Select(input => $"{input!["field"]} {input["transformations"]![0]!["subtype"]}"));
        Assert.Equal((string)events[0]["run"]!["runId"]!, (string)step["run"]!["facets"]!["parent"]!["run"]!["runId"]!);
        Assert.Contains("LEFT JOIN airports", (string)step["job"]!["facets"]!["sql"]!["query"]!, StringComparison.Ordinal);

        var assertion = Assert.Single(events[4]["inputs"]![0]!["inputFacets"]!["dataQualityAssertions"]!["assertions"]!.AsArray())!;
        Assert.Equal(("known_state", false, "1", "warn"), ((string)assertion["name"]!, (bool)assertion["success"]!, (string)assertion["actual"]!, (string)assertion["severity"]!));
    }

    [Fact]
    public async Task Events_are_the_same_whenever_they_are_asked_for()
    {
        await using var bed = await LineageBed.CreateAsync();
        await LineageBed.LoadAsync(bed);
        var run = await bed.RunAsync("enriching");

        Assert.Equal((await ReadAsync(bed, run.Id)).Select(one => one.ToJsonString()), (await ReadAsync(bed, run.Id)).Select(one => one.ToJsonString()));
    }

    [Fact]
    public async Task A_refresh_tells_the_lineage_of_the_mart()
    {
        await using var bed = await LineageBed.CreateAsync();
        await LineageBed.LoadAsync(bed);
        await bed.RunAsync("enriching");
        var run = await bed.RefreshAsync("daily");

        var events = await ReadAsync(bed, run.Id);

        Assert.Equal(["START daily", "START daily.refresh", "COMPLETE daily.refresh", "COMPLETE daily"], events.Select(Title));
        var output = Assert.Single(events[2]["outputs"]!.AsArray())!;
        Assert.Equal(("marts/daily@0", "warehouse/fact@0"), (Dataset(output), Dataset(events[2]["inputs"]![0])));
        Assert.Equal(3L, (long)output["outputFacets"]!["outputStatistics"]!["rowCount"]!);
        Assert.Null((await ReadAsync(bed, (await bed.RefreshAsync("daily")).Id))[2]["outputs"]![0]!["outputFacets"]);
        Assert.Equal("AGGREGATION", (string)output["facets"]!["columnLineage"]!["fields"]!["avg_delay"]!["inputFields"]![0]!["transformations"]![0]!["subtype"]!);
    }

    [Fact]
    public async Task A_run_that_fails_says_why_and_one_with_nothing_new_writes_nothing()
    {
        await using var bed = await LineageBed.CreateAsync();
        await LineageBed.LoadAsync(bed);
        await bed.PutPipelineAsync("wrong", """{ "name": "s", "target": "wrong", "sql": "SELECT CAST(origin AS INTEGER) AS x FROM flights" }""");
        await bed.RunAsync("enriching");

        var skipped = await ReadAsync(bed, (await bed.RunAsync("enriching")).Id);
        var failed = await ReadAsync(bed, (await bed.RunAsync("wrong")).Id);

        Assert.Equal(["START enriching", "START enriching.enrich", "COMPLETE enriching.enrich", "COMPLETE enriching"], skipped.Select(Title));
        Assert.Empty(skipped[2]["outputs"]!.AsArray());
        Assert.Equal(["START wrong", "START wrong.s", "FAIL wrong.s", "FAIL wrong"], failed.Select(Title));
        Assert.StartsWith("SqlError: ", (string)failed[3]["run"]!["facets"]!["errorMessage"]!["message"]!, StringComparison.Ordinal);
        Assert.Empty(failed[2]["outputs"]!.AsArray());
    }

    [Fact]
    public async Task A_run_that_has_not_begun_has_no_events_and_sql_can_be_left_out()
    {
        await using var bed = await LineageBed.CreateAsync();
        await LineageBed.LoadAsync(bed);
        var run = await bed.StartAsync("enriching");

        Assert.Empty(await ReadAsync(bed, run.Id));
        await bed.ExecuteAsync(run.Id);
        Assert.All(await bed.Get<OpenLineageReader>().ReadAsync(run.Id, _ => false, Token), one => Assert.Null(one["job"]!["facets"]!["sql"]));
    }

    /// <summary>Reads the events and holds them to the specification.</summary>
    private static async Task<IReadOnlyList<JsonObject>> ReadAsync(PipelineBed bed, string run)
    {
        var events = await bed.Get<OpenLineageReader>().ReadAsync(run, _ => true, Token);
        foreach (var one in events)
            Check(one);

        // One START and at most one end for each run of a job, in the order of time.
        Assert.All(events.GroupBy(one => (string)one["run"]!["runId"]!), job =>
        {
            Assert.Equal("START", (string)job.First()["eventType"]!);
            Assert.Single(job, one => (string)one["eventType"]! == "START");
            Assert.InRange(job.Count(), 1, 2);
            Assert.True(Time(job.First()) <= Time(job.Last()));
        });
        return events;
    }

    private static DateTimeOffset Time(JsonObject one) => DateTimeOffset.Parse((string)one["eventTime"]!, CultureInfo.InvariantCulture);

    private static void Check(JsonObject one)
    {
        Assert.Contains((string)one["eventType"]!, (string[])["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]);
        Assert.Matches(Timestamp(), (string)one["eventTime"]!);
        Assert.True(Uri.IsWellFormedUriString((string)one["producer"]!, UriKind.Absolute));
        Assert.Equal("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent", (string)one["schemaURL"]!);
        Assert.True(Guid.TryParseExact((string)one["run"]!["runId"]!, "D", out _));
        Assert.False(string.IsNullOrEmpty((string?)one["job"]!["namespace"]) || string.IsNullOrEmpty((string?)one["job"]!["name"]));
        var holders = new[] { one["run"]!, one["job"]! }.Concat(one["inputs"]!.AsArray()!).Concat(one["outputs"]!.AsArray()!).ToList();
        foreach (var (name, facet) in holders.SelectMany(holder => Facets(holder!, "facets").Concat(Facets(holder!, "inputFacets")).Concat(Facets(holder!, "outputFacets"))))
            CheckFacet(name, facet!.AsObject());
        Assert.All(one["inputs"]!.AsArray(), input => Assert.Null(input!["outputFacets"]));
        Assert.All(one["outputs"]!.AsArray(), output => Assert.Null(output!["inputFacets"]));
        Assert.All(one["inputs"]!.AsArray().Concat(one["outputs"]!.AsArray()), dataset => Assert.False(
            string.IsNullOrEmpty((string?)dataset!["namespace"]) || string.IsNullOrEmpty((string?)dataset["name"])));
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Facets(JsonNode holder, string member) => holder[member]?.AsObject() ?? [];

    private static void CheckFacet(string name, JsonObject facet)
    {
        // By name: the schema, and the members that it requires.
        var (schema, required) = name switch
        {
            "columnLineage" => ("1-2-0/ColumnLineageDatasetFacet", new[] { "fields" }),
            "dataQualityAssertions" => ("1-1-0/DataQualityAssertionsDatasetFacet", ["assertions"]),
            "version" => ("1-0-1/DatasetVersionDatasetFacet", ["datasetVersion"]),
            "errorMessage" => ("1-0-1/ErrorMessageRunFacet", ["message", "programmingLanguage"]),
            "nominalTime" => ("1-0-1/NominalTimeRunFacet", ["nominalStartTime"]),
            "outputStatistics" => ("1-0-2/OutputStatisticsOutputDatasetFacet", ["rowCount"]),
            "parent" => ("1-2-0/ParentRunFacet", ["run", "job"]),
            "schema" => ("1-2-0/SchemaDatasetFacet", ["fields"]),
            "sql" => ("1-1-0/SQLJobFacet", ["query"]),
            _ => throw new ArgumentException($"The facet '{name}' is not known.", nameof(name)),
        };
        Assert.Equal($"https://openlineage.io/spec/facets/{schema}.json#/$defs/{schema.Split('/')[1]}", (string)facet["_schemaURL"]!);
        Assert.True(Uri.IsWellFormedUriString((string)facet["_producer"]!, UriKind.Absolute));
        Assert.All(required, member => Assert.NotNull(facet[member]));
        foreach (var input in name == "columnLineage"
            ? facet["fields"]!.AsObject().SelectMany(field => field.Value!["inputFields"]!.AsArray()).Concat(facet["dataset"]?.AsArray() ?? [])
            : [])
        {
            Assert.All((string[])["namespace", "name", "field"], member => Assert.False(string.IsNullOrEmpty((string?)input![member])));
            Assert.All(input!["transformations"]!.AsArray(), how => Assert.Contains((string)how!["type"]!, (string[])["DIRECT", "INDIRECT"]));
        }

        if (name == "dataQualityAssertions")
            Assert.All(facet["assertions"]!.AsArray(), assertion => Assert.True(assertion!["assertion"] is not null && assertion["success"] is not null));
    }

    private static string Title(JsonObject one) => $"{one["eventType"]} {one["job"]!["name"]}";

    private static string Dataset(JsonNode? dataset) => $"{dataset!["name"]}@{dataset["facets"]!["version"]!["datasetVersion"]}";

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Timestamp();
}
