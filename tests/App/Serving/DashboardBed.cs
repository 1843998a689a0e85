using System.Text;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests.Serving;

/// <summary>The app with a small dataset, two marts over it and a dashboard over these.</summary>
public sealed class DashboardBed : IAsyncLifetime
{
    public const string Board = "/api/v1/dashboards/sales-board";

    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-board-").FullName;

    public AppHost App { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        App = await AppHost.StartAsync(
            $"folder:{Path.Combine(_folder, "store")}", _folder, new Dictionary<string, string> { ["DataPlatform__EmbedKey"] = "a-secret-of-at-least-32-characters" }, Token);
        await PutAsync("datasets/sales", """{"fields":[{"name":"day","type":"date"},{"name":"shop","type":"string"},{"name":"size","type":"int32"},{"name":"euro","type":"float64"},{"name":"buyer","type":"string"}]}""");
        await PutAsync("marts/sales_by_day", """
            {"source":"sales","dimensions":[{"name":"day"},{"name":"shop"},{"name":"size"}],
             "measures":[{"name":"n","type":"count"},{"name":"mean","type":"avg","sql":"euro"},{"name":"buyers","type":"count_distinct","sql":"buyer"}]}
            """);
        await PutAsync("marts/sales_by_size", """{"source":"sales","dimensions":[{"name":"size"}],"measures":[{"name":"n","type":"count"}]}""");
        await PutAsync("dashboards/sales-board", """
            {"title":"Sales","mart":"sales_by_day","time":{"dimension":"day","presets":["P2D"],"default":"P2D","until":"data"},"filters":[{"dimension":"shop"},{"dimension":"size"}],
             "tiles":[
              {"name":"count","type":"kpi","measures":["n"]},
              {"name":"by-shop","type":"bar","groupBy":["shop"],"measures":["n","mean"],"orderBy":"n desc"},
              {"name":"big","type":"line","compute":"size mul 2 as double_size","groupBy":["double_size"],"measures":["n"],"filter":"size gt 1"},
              {"name":"all","type":"table","groupBy":["shop","day","size"],"measures":["buyers"],"top":2},
              {"name":"sizes","type":"table","mart":"sales_by_size","groupBy":["size"],"measures":["n"]}]}
            """);
        await IngestAsync("sales", """
            day,shop,size,euro,buyer
            2026-03-01,O'Hara,1,10,a
            2026-03-02,O'Hara,2,20,a
            2026-03-03,O'Hara,2,40,b
            2026-03-03,Zoë,3,5.5,c
            2026-03-04,,1,7,d
            2026-03-04,Zoë,1,2.5,a
            """, "sales_by_day", "sales_by_size");
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        Leftovers.Delete(_folder);
    }

    public async Task PutAsync(string path, string document)
    {
        using var response = await App.Client.PutAsync($"/api/v1/{path}", new StringContent(document, Encoding.UTF8, "application/json"), Token);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    public async Task IngestAsync(string dataset, string csv, params string[] marts)
    {
        using var response = await App.Client.PostAsync($"/api/v1/ingest/{dataset}/batches", new StringContent(csv, Encoding.UTF8, "text/csv"), Token);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        foreach (var mart in marts)
        {
            using var refresh = await App.Client.PostAsync($"/api/v1/marts/{mart}/refreshes?wait=30", null, Token);
            Assert.Contains("\"Succeeded\"", await refresh.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }
}
