using System.Text;
using System.Text.Json;
using DataPlatform.App.Ingestion;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Routing;
using DataPlatform.Lake;
using DataPlatform.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Tests.Ingestion;

/// <summary>What a route may do with a caller's request.</summary>
public sealed class GatewayFunctionsTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-test-").FullName;
    private readonly ServiceProvider _services;

    public GatewayFunctionsTests() => _services = new ServiceCollection()
        .AddLogging()
        .AddLake().AddTables().AddSql().AddCatalog().AddOperations().AddIngestion().AddIngestRoutes()
        .Configure<PlatformOptions>(options =>
        {
            options.Storage = $"folder:{Path.Combine(_folder, "store")}";
            options.Scratch = Path.Combine(_folder, "scratch");
            options.CatalogMaxAge = TimeSpan.Zero;
        })
        .BuildServiceProvider();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_route_writes_only_where_the_caller_may()
    {
        var catalog = _services.GetRequiredService<CatalogStore>();
        await catalog.PutAsync<DatasetDefinition>("readings", """{"fields":[{"name":"id","type":"int64"}]}"""u8.ToArray(), PutCondition.None, Token);
        await catalog.PutAsync<RouteDefinition>("inbox", """{"dataset":"inbox","to":"readings"}"""u8.ToArray(), PutCondition.None, Token);

        var refusal = await Assert.ThrowsAsync<TerminalException>(() => PostAsync("inbox", "ingest:inbox"));
        Assert.Equal(("ScopeMissing", FailureKind.Forbidden), (refusal.Code, refusal.Kind));
        Assert.Contains("ingest:readings", refusal.Message, StringComparison.Ordinal);
        var table = _services.GetRequiredService<DeltaTables>().Get(new TableName(TableKind.Dataset, "readings"));
        Assert.Null(await table.TryGetSnapshotAsync(null, Token));

        var headers = (await PostAsync("inbox", "ingest:*")).Headers;
        Assert.Equal(("realtime", "inbox"), (headers["DataPlatform-Service"].ToString(), headers["DataPlatform-Route"].ToString()));
        Assert.NotNull(await table.TryGetSnapshotAsync(null, Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
    }

    [Fact]
    public async Task The_answer_names_what_is_wrong_with_rows()
    {
        await _services.GetRequiredService<CatalogStore>()
            .PutAsync<DatasetDefinition>("readings", """{"fields":[{"name":"id","type":"int64"}]}"""u8.ToArray(), PutCondition.None, Token);
        var response = await PostAsync("readings", "ingest:readings", """{"id":"seven"}""");
        using var body = JsonDocument.Parse(((MemoryStream)response.Body).ToArray());
        Assert.Equal(1, body.RootElement.GetProperty("quarantined").GetInt32());
        var error = Assert.Single(body.RootElement.GetProperty("errors").EnumerateArray().ToArray());
        Assert.Equal(("id", "type", "\"seven\""), (error.GetProperty("column").GetString(), error.GetProperty("rule").GetString(), error.GetProperty("value").GetString()));
    }

    private async Task<HttpResponse> PostAsync(string dataset, string scope, string body = """{"id":1}""")
    {
        var http = new DefaultHttpContext();
        http.Request.ContentType = "application/json";
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        Caller.Set(http, new Caller("tester", [scope]));

        // Nothing is answered before it is loaded here, so neither uploads nor orchestrations are asked.
        var functions = new GatewayFunctions(_services.GetRequiredService<IngestGateway>(), _services.GetRequiredService<IngestRequests>(), null!, _services.GetRequiredService<BatchAnswers>());
        var answer = Assert.IsType<JsonAnswer>(await functions.Post(http.Request, null!, dataset, Token));
        http.Response.Body = new MemoryStream();
        await answer.ExecuteAsync(http);
        Assert.Equal(StatusCodes.Status200OK, http.Response.StatusCode);
        return http.Response;
    }
}
