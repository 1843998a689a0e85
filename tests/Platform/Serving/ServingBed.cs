using System.Text;
using System.Text.Json;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Serving;
using DataPlatform.Serving.Inspection;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Serving;

/// <summary>Tables on disk and the rows door over them, without a host.</summary>
public sealed class ServingBed : IAsyncDisposable
{
    private readonly SqlBed _sql = new();

    public ServingBed()
    {
        Tables = new DeltaTables(_sql.Objects, TimeProvider.System, NullLoggerFactory.Instance);
        var options = Options.Create(new PlatformOptions { VersionMaxAge = TimeSpan.FromHours(1) });
        var versions = new TableVersions(Tables, options);
        Inspector = new TableInspector(null!, null!, versions, Tables); // What a ServedTable is given for needs no catalog.
        Hot = new HotMarts(_sql.Engine, options, NullLogger<HotMarts>.Instance);
        Reads = new TableReads(versions, _sql.Engine, Hot);
        Door = new RowsDoor(Reads, new TableExports(Reads, _sql.Scratch, options), new MartFreshness(Tables, null!, options, TimeProvider.System), options, NullLogger<RowsDoor>.Instance);
    }

    public DeltaTables Tables { get; }

    public HotMarts Hot { get; }

    public TableReads Reads { get; }

    public RowsDoor Door { get; }

    public TableInspector Inspector { get; }

    public static ServedTable Table { get; } = new(SqlBed.Table, 0, [], "write it");

    public static ServedTable Mart { get; } = new(new TableName(TableKind.Mart, "sums"), 1, ["day"], "refresh it");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes a query's result the content of the table: one more version.</summary>
    public async Task<Commit> WriteAsync(string select, bool append = false, ServedTable? table = null)
    {
        var name = (table ?? Table).Name;
        var (columns, files) = await _sql.WriteAsync(select, table: name);
        return await Tables.Get(name).CommitAsync(
            new TableChange { Operation = "WRITE", Columns = columns, Add = files, RemoveAll = !append }, Token);
    }

    /// <summary>Appends as another process would: this one does not hear of it.</summary>
    public async Task AppendElsewhereAsync(string select)
    {
        var (columns, files) = await _sql.WriteAsync(select);
        await new DeltaTables(_sql.Objects, TimeProvider.System, NullLoggerFactory.Instance).Get(SqlBed.Table).CommitAsync(
            new TableChange { Operation = "WRITE", Columns = columns, Add = files, AllowNewColumns = true }, Token);
    }

    public Task<DefaultHttpContext> GetAsync(string query, params (string Name, string Value)[] headers) => GetAsync(Table, query, headers);

    public async Task<DefaultHttpContext> GetAsync(ServedTable table, string query, params (string Name, string Value)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "https";
        context.Request.Host = new HostString("platform.example");
        context.Request.Path = "/api/v1/warehouse/tables/facts/rows";
        context.Request.QueryString = new QueryString(query);
        foreach (var (name, value) in headers)
            context.Request.Headers[name] = value;
        context.Response.Body = new MemoryStream();
        await Door.AnswerAsync(context, table, Token);
        return context;
    }

    /// <summary>Takes a file of the table away, as a vacuum does.</summary>
    public void DeleteFile(DataFile file, ServedTable? table = null) => File.Delete(_sql.Objects.TryGetLocalFile(DataFiles.Locate((table ?? Table).Name, file))!);

    public static string Text(HttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

    public static JsonElement Json(HttpContext context) => JsonDocument.Parse(Text(context)).RootElement;

    public ValueTask DisposeAsync() => _sql.DisposeAsync();
}
