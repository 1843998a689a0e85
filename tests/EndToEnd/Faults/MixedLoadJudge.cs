using System.Globalization;
using System.Text.Json;

namespace DataPlatform.EndToEnd.Tests.Faults;

/// <summary>Whether everything followed what was sent: receipts, ledger, tables, triggers' marts and the operational store.</summary>
internal sealed class MixedLoadJudge(PlatformApi api, MixedLoad load, CancellationToken limit)
{
    public static readonly string[] Datasets = ["orders", "events", "devices", "readings", "accounts"];

    /// <param name="recent">The requests whose receipts are looked at.</param>
    public async Task CheckAsync(IEnumerable<MixedRequest> recent, IReadOnlyCollection<string> replays)
    {
        var requests = recent.ToList();
        foreach (var request in requests.Where(request => request.Upload is not null))
            await EndsWellAsync(request.Upload!, request.ToString());
        foreach (var replay in replays)
            await EndsWellAsync(replay, replay);
        foreach (var dataset in Datasets)
            await SettlesAsync(dataset);
        foreach (var request in requests.Where(request => request.Acknowledged))
            request.Check(await api.GetAsync($"/api/v1/receipts/{request.Receipt ?? request.Upload!.Split('/')[^1]}"));

        var rows = new Dictionary<string, List<JsonElement>>();
        foreach (var dataset in Datasets)
            rows[dataset] = await BalancesAsync(dataset);
        CheckRows(rows);
        await FollowsAsync("accounts", rows["accounts"].ToDictionary(row => row.GetProperty("id").GetString()!, row => row.GetRawText()));
        await FollowsAsync("readings", rows["readings"].GroupBy(row => Number(row, "device"))
            .ToDictionary(device => $"{device.Key}", device => device.MaxBy(row => Number(row, "position")).GetRawText()));
        CheckAccounts(rows["accounts"].ToDictionary(row => row.GetProperty("id").GetString()!, row => Number(row, "value")));

        await AggregatesAsync("direct", "bucket", rows["orders"], "amount");
        await AggregatesAsync("sales", "bucket", rows["orders"], "amount");
        await AggregatesAsync("owners", "owner", rows["accounts"], "value");
        Assert.Equal(rows["orders"].Count, await api.CountAsync("warehouse/tables/facts"));
    }

    private static long Number(JsonElement row, string column) =>
        row.GetProperty(column) is { ValueKind: not JsonValueKind.Null } value ? long.Parse($"{value}", CultureInfo.InvariantCulture) : 0;

    private async Task EndsWellAsync(string address, string what)
    {
        var status = await UntilAsync(() => api.GetAsync(address), now => now.GetProperty("status").GetString() is not ("NotStarted" or "Running"), $"{what} did not end");
        Assert.True(status.GetProperty("status").GetString() == "Succeeded", $"{what}: {status}");
    }

    /// <summary>Nobody is at work on the dataset, and nothing waits for an attempt that died.</summary>
    private async Task SettlesAsync(string dataset)
    {
        await UntilAsync(
            async () => (await api.GetAsync($"/api/v1/ingest/{dataset}/uploads?top=200")).GetProperty("value"),
            uploads => uploads.EnumerateArray().All(upload =>
                upload.GetProperty("status").GetString() is not ("NotStarted" or "Running") || (upload.TryGetProperty("stage", out var stage) && stage.GetString() == "receiving")),
            $"uploads of {dataset} are open");
        var open = (await api.GetAsync($"/api/v1/ingest/{dataset}/uploads?top=200")).GetProperty("value").EnumerateArray()
            .Where(upload => upload.GetProperty("status").GetString() is "NotStarted" or "Running").Select(upload => upload.GetProperty("id").GetString()).ToHashSet();
        await UntilAsync(
            async () => (await api.GetAsync($"/api/v1/receipts?dataset={dataset}&state=in_progress&top=500")).GetProperty("value"),
            receipts => receipts.EnumerateArray().All(receipt => open.Contains(receipt.GetProperty("id").GetString())),
            $"receipts of {dataset} stay in progress");
    }

    /// <returns>The table's rows.</returns>
    private async Task<List<JsonElement>> BalancesAsync(string dataset)
    {
        var ledger = await UntilAsync(
            () => api.GetAsync($"/api/v1/ledger/{dataset}"),
            books => books.GetProperty("balanced").GetBoolean()
                && (!books.TryGetProperty("tableVersion", out var version) || (books.TryGetProperty("projectedVersion", out var projected) && projected.GetInt64() == version.GetInt64())),
            $"the ledger of {dataset} is not complete");
        var rows = await ReadAsync(dataset);
        if (dataset != "accounts")
            Assert.True(ledger.GetProperty("totals").GetProperty("loaded").GetInt64() == rows.Count, $"{dataset} has {rows.Count} rows: {ledger}");
        return rows;
    }

    private async Task<List<JsonElement>> ReadAsync(string dataset)
    {
        var rows = new List<JsonElement>();
        using (var first = await api.Client.GetAsync($"/api/v1/datasets/{dataset}/rows?top=100000"))
        {
            // Nothing was ever committed.
            if (first.StatusCode == System.Net.HttpStatusCode.NotFound)
                return rows;
        }

        for (var page = await api.GetAsync($"/api/v1/datasets/{dataset}/rows?top=100000"); ;)
        {
            rows.AddRange(page.GetProperty("value").EnumerateArray());
            if (!page.TryGetProperty("nextLink", out var link))
                return rows;
            page = await api.GetAsync(new Uri(api.Client.BaseAddress!, link.GetString()!).PathAndQuery);
        }
    }

    /// <summary>Every request's rows are there once: all of them if it was acknowledged, otherwise all or none.</summary>
    private void CheckRows(Dictionary<string, List<JsonElement>> rows)
    {
        foreach (var dataset in Datasets.Where(name => name != "accounts"))
        {
            var ids = rows[dataset].Select(row => Number(row, "id")).ToList();
            var there = ids.ToHashSet();
            var twice = ids.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key).ToList();
            Assert.True(twice.Count == 0, $"{dataset} has more than once {string.Join(", ", twice.Take(20))}: {string.Join('\n', Of(dataset).Where(request => request.Good.Concat(request.Bad).Intersect(twice).Any()))}");
            foreach (var request in Of(dataset))
            {
                var found = request.Good.Count(there.Contains);
                Assert.True(found == request.Good.Count || (!request.Acknowledged && (found == 0 || dataset == "devices")), $"{found} rows are there of {request}");
            }

            there.ExceptWith(Of(dataset).SelectMany(request => request.Good.Concat(request.Bad)));
            Assert.True(there.Count == 0, $"{dataset} has rows that nobody sent: {string.Join(", ", there.Take(20))}");
        }

        IEnumerable<MixedRequest> Of(string dataset) => load.Sent.Where(request => request.Dataset == dataset);
    }

    private void CheckAccounts(IReadOnlyDictionary<string, long> found)
    {
        foreach (var keeper in load.Accounts)
            keeper.Check(found);
        var (counted, uncertain) = (load.Accounts.Sum(keeper => keeper.Counted), load.Accounts.Sum(keeper => keeper.Uncertain));
        Assert.InRange(found.GetValueOrDefault("counter"), counted, counted + uncertain);
    }

    /// <summary>The operational store has the latest row of each key.</summary>
    private async Task FollowsAsync(string dataset, Dictionary<string, string> latest)
    {
        var wanted = Text(latest);
        await UntilAsync(
            async () => Text((await api.GetAsync($"/api/v1/operational/{dataset}?top=1000")).GetProperty("value").EnumerateArray()
                .ToDictionary(item => item.GetProperty("key").GetString()!, item => item.GetProperty("row").GetRawText())),
            found => found == wanted,
            $"operational rows of {dataset} are not {wanted}");

        static string Text(Dictionary<string, string> rows) => string.Join('\n', rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => $"{row.Key}: {row.Value}"));
    }

    /// <summary>A mart is what its source's rows come to.</summary>
    private async Task AggregatesAsync(string mart, string dimension, List<JsonElement> rows, string measure)
    {
        var wanted = Text(rows.GroupBy(row => Number(row, dimension)).Select(group => (group.Key, group.LongCount(), group.Sum(row => Number(row, measure)))));
        await UntilAsync(
            async () =>
            {
                using var answer = await api.Client.GetAsync($"/api/v1/marts/{mart}/rows?top=1000");
                return answer.StatusCode == System.Net.HttpStatusCode.NotFound
                    ? ""
                    : Text((await PlatformApi.ReadAsync(answer)).GetProperty("value").EnumerateArray().Select(row => (Number(row, dimension), Number(row, "n"), Number(row, "total"))));
            },
            found => found == wanted,
            $"mart {mart} is not {wanted}");

        static string Text(IEnumerable<(long Key, long Rows, long Sum)> groups) => string.Join("; ", groups.Order());
    }

    private async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> good, string otherwise)
    {
        while (true)
        {
            var answer = await ask();
            if (good(answer))
                return answer;
            if (limit.IsCancellationRequested)
                Assert.Fail($"{otherwise} in time; last: {answer}");
            await Task.Delay(200, CancellationToken.None);
        }
    }
}
