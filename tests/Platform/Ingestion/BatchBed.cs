using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Proof;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Ingestion;

/// <summary>The whole way of a batch on a folder store, with a clock that tests move.</summary>
internal sealed class BatchBed : IAsyncDisposable
{
    public const string Contract = """
        { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "name", "type": "string", "maxLength": 100},
                      {"name": "amount", "type": "float64", "min": 0}, {"name": "at", "type": "timestamp"} ] }
        """;

    private readonly string _folder;
    private readonly bool _ownsFolder;

    public BatchBed(IngestionLimits? limits = null, string? folder = null, FakeTimeProvider? clock = null, Chaos? chaos = null, string piiKey = "",
        Action<PlatformOptions>? configure = null)
    {
        _ownsFolder = folder is null;
        _folder = folder ?? Directory.CreateTempSubdirectory("dataplatform-batch-").FullName;
        Clock = clock ?? new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(limits ?? IngestionLimits.Default);
        services.Configure<PlatformOptions>(options =>
        {
            options.Storage = $"folder:{_folder}/store";
            options.Scratch = $"{_folder}/scratch";
            options.CatalogMaxAge = TimeSpan.Zero;
            options.PiiKey = piiKey;
            configure?.Invoke(options);
        });
        services.AddLake().AddTables().AddSql().AddCatalog().AddOperations().AddIngestion();
        chaos?.Reach(services);
        Services = services.BuildServiceProvider();
    }

    public ServiceProvider Services { get; }

    public string StoreFolder => Path.Combine(_folder, "store");

    public FakeTimeProvider Clock { get; }

    public BatchService Batches => Services.GetRequiredService<BatchService>();

    public BatchSettlement Settlement => Services.GetRequiredService<BatchSettlement>();

    public ReceiptStore Receipts => Services.GetRequiredService<ReceiptStore>();

    public Ledger Ledger => Services.GetRequiredService<Ledger>();

    public IObjectStore Objects => Services.GetRequiredService<IObjectStore>();

    public IRowStore Rows => Services.GetRequiredService<IRowStore>();

    public Task DefineAsync(string name, string contract = Contract) => Services.GetRequiredService<CatalogStore>()
        .PutAsync<DatasetDefinition>(name, Encoding.UTF8.GetBytes(contract), PutCondition.None, default);

    public Task<Receipt> PostAsync(string dataset, string csv, string? key = null) =>
        PostAsync(dataset, Encoding.UTF8.GetBytes(csv), key: key);

    public Task<Receipt> PostAsync(
        string dataset, byte[] body, string type = "text/csv", string? key = null, string? encoding = null, string caller = "tester") =>
        PostAsync(dataset, new MemoryStream(body), type, key, encoding, caller);

    public Task<Receipt> PostAsync(
        string dataset, Stream body, string type = "text/csv", string? key = null, string? encoding = null, string caller = "tester",
        CancellationToken cancellationToken = default) =>
        Batches.IngestAsync(new BatchRequest(dataset, caller, key, type, encoding, body), cancellationToken);

    public DeltaTable Table(string dataset) => Services.GetRequiredService<DeltaTables>().Get(new TableName(TableKind.Dataset, dataset));

    public Task<Snapshot?> SnapshotOrNullAsync(string dataset) => Table(dataset).TryGetSnapshotAsync(null, default);

    public async Task<string> ReadAsync(string path)
    {
        await using var stream = await Objects.OpenReadAsync(LakePath.Parse(path), null, default);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    public async Task<Snapshot> SnapshotAsync(string dataset) => (await Table(dataset).TryGetSnapshotAsync(null, default))!;

    /// <summary>A query over the table <c>t</c>, one text a row.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string dataset, string sql)
    {
        await using var session = await Services.GetRequiredService<SqlEngine>().OpenAsync(default);
        await session.MountAsync("t", await SnapshotAsync(dataset), new MountOptions { SystemColumns = true }, default);
        return await session.ReadAsync(
            sql,
            [],
            reader => string.Join('|', Enumerable.Range(0, reader.FieldCount)
                .Select(i => reader.IsDBNull(i) ? "NULL" : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))),
            default);
    }

    public async Task<IReadOnlyList<JsonNode>> QuarantineAsync(Receipt receipt)
    {
        await using var stream = await Batches.OpenQuarantineAsync(receipt.Dataset, receipt.Id, default);
        using var reader = new StreamReader(stream);
        return [.. (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    /// <summary>Of all that was ever received.</summary>
    public Task<LedgerProof> ProveAsync(string dataset, bool isDeep = false) =>
        Services.GetRequiredService<LedgerProver>().ProveAsync(new ProofRequest(dataset, LedgerRange.All, IsDeep: isDeep), default);

    public async Task AssertBalancedAsync(string dataset)
    {
        var proof = await ProveAsync(dataset);
        Assert.Empty(proof.Checks.SelectMany(check => check.Differences));
        Assert.True(proof.Proven);
    }

    public static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
            gzip.Write(content);
        return target.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        if (_ownsFolder)
            DataPlatform.TestKit.Leftovers.Delete(_folder);
    }
}
