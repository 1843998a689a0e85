using DataPlatform.Bench;
using DataPlatform.TestKit;

// Each benchmark prints and returns figures beside a baseline that does the same work in the same run.
var benchmarks = new Dictionary<string, Func<string, Task<IReadOnlyList<Measurement>>>>
{
    ["ingest-csv"] = new IngestBenchmark("csv", "text/csv", "read_csv", FlightsFiles.Csv, FlightsFiles.CsvHead).RunAsync,
    ["ingest-ndjson"] = new IngestBenchmark("ndjson", "application/x-ndjson", "read_json", FlightsFiles.Ndjson, 0).RunAsync,
    ["ingest-parquet"] =
        new IngestBenchmark("parquet", "application/vnd.apache.parquet", "read_parquet", _ => FlightsFiles.Parquet, null).RunAsync,
    ["single-post"] = SinglePostBenchmark.RunAsync,
    ["ndjson-10k"] = SmallBatchBenchmark.RunAsync,
    ["etl"] = EtlBenchmark.RunAsync,
    ["incremental"] = IncrementalBenchmark.RunAsync,
    ["refresh"] = RefreshBenchmark.RunAsync,
    ["etl-memory"] = EtlMemoryBenchmark.RunAsync,
    ["delta-commit"] = DeltaCommitBenchmark.RunAsync,
    ["delta-snapshot"] = DeltaSnapshotBenchmark.RunAsync,
    ["orchestrations"] = OrchestrationsBenchmark.RunAsync,
    ["start"] = StartBenchmark.RunAsync,
    ["mart-query"] = MartQueryBenchmark.RunAsync,
};

string? name = null;
string? json = null;
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--json" && i + 1 < args.Length)
        json = args[++i];
    else if (name is null && benchmarks.ContainsKey(args[i]))
        name = args[i];
    else
        return Usage();
}

var root = Path.Combine(Repository.Root, ".local", "bench");
var measurements = new List<Measurement>();
Console.WriteLine(Machine.Name);
foreach (var (key, run) in benchmarks.Where(b => name is null || b.Key == name))
{
    Console.WriteLine(key);
    var folder = Path.Combine(root, key);
    if (Directory.Exists(folder))
        Directory.Delete(folder, recursive: true);
    Directory.CreateDirectory(folder);
    try
    {
        measurements.AddRange(await run(folder));
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

MeasurementTable.Print(measurements);
if (json is not null)
    await MeasurementTable.WriteAsync(json, measurements);
return 0;

int Usage()
{
    Console.Error.WriteLine($"usage: ./dev bench [NAME] [--json FILE]; NAME is one of {string.Join(", ", benchmarks.Keys)}");
    return 2;
}
