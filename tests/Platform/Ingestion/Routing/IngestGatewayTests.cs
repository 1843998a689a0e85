using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Routing;

public sealed class IngestGatewayTests
{
    private const string Contract = """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "note", "type": "string"} ] }""";
    private const string Event = """{"specversion":"1.0","id":"1","source":"urn:device:7","type":"t","data":{"id":1}}""";
    private const string Other = """{"specversion":"1.0","id":"2","source":"urn:robot:7","type":"t","data":{"id":2}}""";

    [Theory]
    [InlineData("application/json", """ {"id":1} """, "realtime")]
    [InlineData("application/json; charset=utf-8", "\uFEFF{\"id\":1}", "realtime")]
    [InlineData("application/json; charset=utf-16", "{\"id\":1}", "batch")]
    [InlineData("application/json", """{"id":1}{"id":2}""", "batch")]
    [InlineData("application/json", """[{"id":1}]""", "batch")]
    [InlineData("application/x-ndjson", "{\"id\":1}\n", "batch")]
    [InlineData("application/cloudevents+json", Event, "realtime")]
    [InlineData("application/cloudevents-batch+json", $"[{Event}]", "batch")]
    [InlineData("text/csv", "id\n1\n", "batch")]
    public async Task Without_routes_the_content_decides(string type, string body, string service)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("rows", Contract);
        using var routed = await RouteAsync(bed, "rows", type, body);
        Assert.Equal(("rows", service, null), (routed.Decision.Dataset, EnumNames.Of(routed.Decision.Service), routed.Decision.Route));
        if (type.Contains("16", StringComparison.Ordinal))
            return;
        var receipt = await IngestAsync(bed, "rows", type, body);
        Assert.Equal((service, "committed"), (receipt.Service, receipt.Durability));
        Assert.Equal(receipt.Received, receipt.Loaded);
    }

    [Theory]
    [InlineData((1 << 20) - 1, "realtime")]
    [InlineData(1 << 20, "realtime")]
    [InlineData((1 << 20) + 1, "batch")]
    [InlineData(3 << 20, "batch")]
    public async Task Size_decides_and_no_byte_is_lost(int bytes, string service)
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { MaxRowBytes = 8 << 20 });
        await bed.DefineAsync("rows", Contract);
        var body = $$"""{"id":1,"note":"{{new string('x', bytes - 18)}}"}""";
        Assert.Equal(bytes, body.Length);
        var receipt = await IngestAsync(bed, "rows", "application/json", new ChunkedStream(Encoding.UTF8.GetBytes(body), 100_000));
        Assert.Equal((service, bytes, 1), (receipt.Service, receipt.Bytes, receipt.Loaded));
    }

    [Fact]
    public async Task Without_a_dataset_it_is_a_batch_that_could_make_one()
    {
        await using var bed = new BatchBed();
        Assert.Equal(("rows", "batch", null), await DecideAsync(bed, "rows", "application/json", "{}"));
    }

    [Fact]
    public async Task Compressed_bodies_are_batches()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("rows", Contract);
        using var routed = await bed.Services.GetRequiredService<IngestGateway>().RouteAsync(
            new BatchRequest("rows", "tester", null, "application/json", "gzip", new MemoryStream(BatchBed.Gzip("{}"u8.ToArray()))), null, default);
        Assert.Equal(RouteService.Batch, routed.Decision.Service);
    }

    [Fact]
    public async Task The_first_route_by_priority_and_name_decides()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("rows", Contract);
        await bed.DefineAsync("other", Contract);
        await PutAsync(bed, "b-first", """{"dataset":"rows","priority":5,"service":"realtime"}""");
        await PutAsync(bed, "a-later", """{"dataset":"rows","to":"other"}""");
        Assert.Equal(("rows", "realtime", "b-first"), await DecideAsync(bed, "rows", "application/json", "[]"));
        await PutAsync(bed, "a-first", """{"dataset":"ro*","priority":5,"to":"other"}""");
        Assert.Equal(("other", "batch", "a-first"), await DecideAsync(bed, "rows", "application/json", "[]"));
        Assert.Equal(("other", "batch", null), await DecideAsync(bed, "other", "application/json", "[]"));
    }

    [Fact]
    public async Task All_conditions_of_a_route_must_hold()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("rows", Contract);
        await bed.DefineAsync("devices", Contract);
        await PutAsync(bed, "devices", """
            {"dataset":"rows","when":{"contentType":["application/cloudevents+json","application/cloudevents-batch+json","text/*"],"minBytes":3,"maxBytes":500,"source":["urn:device:*"]},"to":"devices"}
            """);
        Assert.Equal("devices", (await DecideAsync(bed, "rows", "application/cloudevents+json", Event)).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "application/cloudevents+json", Other)).Dataset);

        // Of a batch, each event.
        Assert.Equal("devices", (await DecideAsync(bed, "rows", "application/cloudevents-batch+json", $"[{Event},{Event}]")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "application/cloudevents-batch+json", $"[{Event},{Other}]")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "application/cloudevents-batch+json", $"[{Event},{{}}]")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "application/cloudevents-batch+json", "[")).Dataset);

        // What the request says of itself comes first.
        Assert.Equal("devices", (await DecideAsync(bed, "rows", "Text/CSV; charset=utf-8", "id\n", "urn:device:8")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "application/cloudevents+json", Event, "urn:robot:1")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "text/csv", "id\n")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "text/csv", "id", "urn:device:8")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "text/csv", new string('x', 501), "urn:device:8")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "text/csv", new string('x', 2 << 20), "urn:device:8")).Dataset);
        Assert.Equal("rows", (await DecideAsync(bed, "rows", "application/json", "{}", "urn:device:8")).Dataset);
    }

    [Fact]
    public async Task Streaming_without_a_hub_is_a_batch()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("rows", Contract);
        await PutAsync(bed, "all", """{"dataset":"*","service":"streaming"}""");
        Assert.Equal(("rows", "batch", "all"), await DecideAsync(bed, "rows", "application/json", "{}"));
    }

    [Fact]
    public async Task A_route_may_stand_for_a_dataset_that_is_not_there()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("rows", Contract);
        await PutAsync(bed, "inbox", """{"dataset":"inbox","to":"rows"}""");
        Assert.Equal("rows", (await IngestAsync(bed, "inbox", "application/json", """{"id":1}""")).Dataset);
        await bed.AssertBalancedAsync("rows");
    }

    [Theory]
    [InlineData("""{"dataset":"rows","to":"nowhere"}""", "$.to")]
    [InlineData("""{"dataset":"nowhere","service":"batch"}""", "$.dataset")]
    public async Task A_route_to_a_dataset_that_is_not_there_is_refused(string document, string place)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("rows", Contract);
        var route = DefinitionParser.Parse<RouteDefinition>(Encoding.UTF8.GetBytes(document), "r");
        var mistake = await Assert.ThrowsAsync<TerminalException>(() => bed.Services.GetRequiredService<RouteCheck>().CheckAsync(route, default));
        Assert.Equal(("InvalidDefinition", place), (mistake.Code, mistake.Target));
    }

    [Fact]
    public async Task A_route_has_no_name_among_tables()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("rows", Contract);
        await PutAsync(bed, "rows", """{"dataset":"*","service":"batch"}""");
        await PutAsync(bed, "more", """{"dataset":"*","service":"batch"}""");
        await bed.DefineAsync("more", Contract);
        await bed.Services.GetRequiredService<CatalogStore>().DeleteAsync<RouteDefinition>("rows", null, default);
        Assert.Equal(("more", "batch", "more"), await DecideAsync(bed, "more", "application/json", "{}"));
    }

    private static Task PutAsync(BatchBed bed, string name, string document) => bed.Services.GetRequiredService<CatalogStore>()
        .PutAsync<RouteDefinition>(name, Encoding.UTF8.GetBytes(document), PutCondition.None, default);

    private static Task<RoutedBatch> RouteAsync(BatchBed bed, string dataset, string type, string body, string? source = null) =>
        RouteAsync(bed, dataset, type, new MemoryStream(Encoding.UTF8.GetBytes(body)), source);

    private static Task<RoutedBatch> RouteAsync(BatchBed bed, string dataset, string type, Stream body, string? source = null) =>
        bed.Services.GetRequiredService<IngestGateway>().RouteAsync(new BatchRequest(dataset, "tester", null, type, null, body), source, default);

    private static async Task<(string Dataset, string Service, string? Route)> DecideAsync(BatchBed bed, string dataset, string type, string body, string? source = null)
    {
        using var routed = await RouteAsync(bed, dataset, type, body, source);
        return (routed.Decision.Dataset, EnumNames.Of(routed.Decision.Service), routed.Decision.Route);
    }

    private static Task<Receipt> IngestAsync(BatchBed bed, string dataset, string type, string body) =>
        IngestAsync(bed, dataset, type, new MemoryStream(Encoding.UTF8.GetBytes(body)));

    private static async Task<Receipt> IngestAsync(BatchBed bed, string dataset, string type, Stream body)
    {
        using var routed = await RouteAsync(bed, dataset, type, body);
        return await bed.Services.GetRequiredService<IngestGateway>().IngestAsync(routed, default);
    }
}
