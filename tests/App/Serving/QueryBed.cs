using System.Text;
using DataPlatform.Serving.Warehouse;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Tests.Serving;

/// <summary>The tables <c>orders</c> (two versions) and <c>salaries</c>, written by a host, and the query door over them in this process.</summary>
public sealed class QueryBed : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-app-").FullName;
    private ServiceProvider _services = null!;

    public QueryDoor Door => _services.GetRequiredService<QueryDoor>();

    public QueryWorkers Workers => _services.GetRequiredService<QueryWorkers>();

    public string Folder => _folder;

    public async ValueTask InitializeAsync()
    {
        var storage = $"folder:{Path.Combine(_folder, "store")}";
        await using (var host = await AppHost.StartAsync(storage, _folder))
        {
            foreach (var table in (string[])["orders", "salaries"])
            {
                using var definition = new StringContent("""{"fields":[{"name":"id","type":"int64"},{"name":"name","type":"string"}]}""", Encoding.UTF8, "application/json");
                using var put = await host.Client.PutAsync($"/api/v1/datasets/{table}", definition);
                put.EnsureSuccessStatusCode();
                foreach (var body in (string[])["id,name\n1,a\n2,b\n", "id,name\n3,a\n4,b\n"])
                {
                    using var rows = new StringContent(body, Encoding.UTF8, "text/csv");
                    using var post = await host.Client.PostAsync($"/api/v1/ingest/{table}/batches", rows);
                    post.EnsureSuccessStatusCode();
                }
            }
        }

        _services = Create(storage, new Dictionary<string, int>());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Leftovers.Delete(_folder);
    }

    /// <summary>A door of its own: <c>QueryWorkers</c> workers and a line of <c>QueryQueue</c>.</summary>
    public ServiceProvider Create(int workers, int queue) =>
        Create($"folder:{Path.Combine(_folder, "store")}", new Dictionary<string, int> { ["workers"] = workers, ["queue"] = queue });

    public Task<DefaultHttpContext> AskAsync(string json, params string[] scopes) => AskAsync(json, CancellationToken.None, scopes);

    public async Task<DefaultHttpContext> AskAsync(string json, CancellationToken aborted, params string[] scopes)
    {
        var context = new DefaultHttpContext { RequestAborted = aborted };
        context.Response.Body = new MemoryStream();
        await Door.AnswerAsync(
            context,
            Encoding.UTF8.GetBytes(json),
            scope => scopes.Length == 0 || scopes.Contains(scope),
            TestContext.Current.CancellationToken);
        return context;
    }

    public static string Text(HttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

    private ServiceProvider Create(string storage, Dictionary<string, int> limits)
    {
        var services = new ServiceCollection();
        services.AddSingleton(new QueryWorkerProgram(Repository.AppAssembly));
        services.Configure<PlatformOptions>(options =>
        {
            options.Storage = storage;
            options.Scratch = Path.Combine(_folder, "scratch-" + Guid.NewGuid().ToString("n"));
            options.QueryMemoryBytes = 128 << 20;
            options.VersionMaxAge = TimeSpan.Zero;
            options.QueryWorkers = limits.GetValueOrDefault("workers", options.QueryWorkers);
            options.QueryQueue = limits.GetValueOrDefault("queue", options.QueryQueue);
        });
        return services.AddLogging().AddLake().AddTables().AddSql().AddCatalog().AddServing().BuildServiceProvider();
    }
}
