using System.Text;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Proof;
using DataPlatform.Ingestion.Realtime;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Operational;

/// <summary>One process of the platform over a store that others may use too.</summary>
internal sealed class OperationalBed : IAsyncDisposable
{
    public const string Contract = """
        { "operational": true, "key": ["id"],
          "fields": [ {"name": "id", "type": "string", "required": true}, {"name": "n", "type": "int64"}, {"name": "amount", "type": "decimal(20,4)"},
                      {"name": "x", "type": "float64"}, {"name": "at", "type": "timestamp"}, {"name": "meta", "type": "json"} ] }
        """;

    public const string Ordered = """
        { "operational": true, "key": ["id"], "orderBy": "seq",
          "fields": [ {"name": "id", "type": "string", "required": true}, {"name": "seq", "type": "int64", "required": true}, {"name": "v", "type": "string"} ] }
        """;

    private readonly string _folder;
    private readonly bool _ownsFolder;

    /// <param name="storage">Null takes a folder.</param>
    /// <param name="folder">Null makes a fresh one.</param>
    public OperationalBed(string? folder = null, string? storage = null, string piiKey = "")
    {
        _ownsFolder = folder is null;
        _folder = folder ?? Directory.CreateTempSubdirectory("dataplatform-operational-").FullName;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)));
        services.Configure<PlatformOptions>(options =>
        {
            options.Storage = storage ?? $"folder:{_folder}/store";
            options.Scratch = $"{_folder}/scratch-{Guid.NewGuid():n}";
            options.CatalogMaxAge = TimeSpan.Zero;
            options.PiiKey = piiKey;
        });
        services.AddLake().AddTables().AddSql().AddCatalog().AddOperations().AddIngestion().AddOperational();
        Services = services.BuildServiceProvider();
    }

    public ServiceProvider Services { get; }

    public OperationalStore Store => Services.GetRequiredService<OperationalStore>();

    public OperationalProjection Projection => Services.GetRequiredService<OperationalProjection>();

    public IRowStore Rows => Services.GetRequiredService<IRowStore>();

    public DeltaTable Table(string dataset) => Services.GetRequiredService<DeltaTables>().Get(new TableName(TableKind.Dataset, dataset));

    public Task DefineAsync(string name, string contract = Contract) => Services.GetRequiredService<CatalogStore>()
        .PutAsync<DatasetDefinition>(name, Encoding.UTF8.GetBytes(contract), PutCondition.None, default);

    public Task<Receipt> PostAsync(string dataset, string ndjson) => Services.GetRequiredService<BatchService>().IngestAsync(
        new BatchRequest(dataset, "tester", null, "application/x-ndjson", null, new MemoryStream(Encoding.UTF8.GetBytes(ndjson))), default);

    public Task<Receipt> RecordAsync(string dataset, string row) => Services.GetRequiredService<RecordService>().IngestAsync(
        new BatchRequest(dataset, "tester", null, "application/json", null, new MemoryStream(Encoding.UTF8.GetBytes(row))), default);

    public Task<OperationalWritten> PutAsync(string dataset, string key, string row, string? etag = null) =>
        Store.PutAsync(Write(dataset, key, row, etag), default);

    public Task<OperationalWritten> PatchAsync(string dataset, string key, string patch, string? etag = null) =>
        Store.PatchAsync(Write(dataset, key, patch, etag), default);

    public Task<OperationalWritten> DeleteAsync(string dataset, string key, string? etag = null) =>
        Store.DeleteAsync(Write(dataset, key, "", etag), default);

    public async Task<string> GetAsync(string dataset, string key) => Encoding.UTF8.GetString((await Store.GetAsync(dataset, key, default)).Json.Span);

    /// <summary>All rows by their keys, over pages.</summary>
    public async Task<SortedDictionary<string, string>> ListAsync(string dataset, string? filter = null, string? prefix = null, int top = 1000)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? after = null;
        do
        {
            var page = await Store.ListAsync(new OperationalQuery(dataset, filter, prefix, after, top), default);
            foreach (var item in page.Items)
                all.Add(item.Key, Encoding.UTF8.GetString(item.Json.Span));
            after = page.Next;
        }
        while (after is not null);
        return all;
    }

    /// <summary>Rows of the dataset's table as SQL sees them.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string dataset, string sql)
    {
        await using var session = await Services.GetRequiredService<SqlEngine>().OpenAsync(default);
        await session.MountAsync("t", (await Table(dataset).TryGetSnapshotAsync(null, default))!, options: null, default);
        return await session.ReadAsync(
            sql,
            [],
            reader => string.Join('|', Enumerable.Range(0, reader.FieldCount)
                .Select(i => reader.IsDBNull(i) ? "NULL" : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))),
            default);
    }

    public async Task AssertBalancedAsync(string dataset)
    {
        await Services.GetRequiredService<BatchSettlement>().SettleAsync(default);
        var proof = await Services.GetRequiredService<LedgerProver>().ProveAsync(new ProofRequest(dataset, LedgerRange.All, IsDeep: true), default);
        Assert.Empty(proof.Checks.SelectMany(check => check.Differences));
        Assert.True(proof.Proven);
    }

    /// <summary>Forgets how far projections have come, as after a crash: all commits are projected again.</summary>
    public async Task ForgetCursorsAsync(string dataset)
    {
        string name = Table(dataset).Name.ToString();
        await foreach (var row in Rows.QueryAsync(TableProjector.RowTable, name, null, null, default))
            await Rows.TryDeleteAsync(TableProjector.RowTable, row.Key, null, default);
    }

    public static string Quote(string text) => JsonSerializer.Serialize(text);

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        if (_ownsFolder)
            DataPlatform.TestKit.Leftovers.Delete(_folder);
    }

    private static OperationalWrite Write(string dataset, string key, string body, string? etag) => new(
        dataset, key,
        etag switch
        {
            null => PutCondition.None,
            "*" => PutCondition.IfAbsent,
            _ => PutCondition.IfMatch(etag),
        },
        "tester", body.Length == 0 ? null : "application/json", Encoding.UTF8.GetBytes(body));
}
