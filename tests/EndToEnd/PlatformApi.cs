using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>The REST calls that the end-to-end tests make.</summary>
internal sealed class PlatformApi(HttpClient client)
{
    public static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    public HttpClient Client { get; } = client;

    public async Task PutAsync(string kind, string name, string document)
    {
        using var content = new StringContent(document, Encoding.UTF8, "application/json");
        using var answer = await Client.PutAsync($"/api/v1/{kind}/{name}", content);
        await ReadAsync(answer);
    }

    /// <summary>Puts a document of the demo, without its triggers: tests of single runs ask for each themselves.</summary>
    public async Task PutSampleAsync(string kind, string name)
    {
        var document = JsonNode.Parse(await Samples.DocumentAsync(kind, name))!.AsObject();
        document.Remove("triggers");
        await PutAsync(kind, name, document.ToJsonString());
    }

    public async Task<HttpResponseMessage> PostBatchAsync(
        string dataset,
        Stream body,
        string contentType,
        string? idempotencyKey = null,
        string? contentEncoding = null,
        CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/ingest/{dataset}/batches") { Content = new StreamContent(body, 1 << 20) };
        request.Headers.TransferEncodingChunked = true;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        if (contentEncoding is not null)
            request.Content.Headers.ContentEncoding.Add(contentEncoding);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await Client.SendAsync(request, cancellationToken);
    }

    /// <returns>The receipt.</returns>
    public async Task<JsonElement> IngestAsync(
        string dataset, Stream body, string contentType, string? idempotencyKey = null, string? contentEncoding = null)
    {
        using var answer = await PostBatchAsync(dataset, body, contentType, idempotencyKey, contentEncoding);
        return await ReadAsync(answer);
    }

    public Task<JsonElement> IngestAsync(string dataset, string csv, string? idempotencyKey = null) =>
        IngestAsync(dataset, new MemoryStream(Encoding.UTF8.GetBytes(csv)), "text/csv", idempotencyKey);

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(path);
        return await ReadAsync(answer);
    }

    /// <summary>Starts a run or refresh.</summary>
    /// <returns>The address of its status.</returns>
    public async Task<string> StartAsync(string path)
    {
        using var answer = await Client.PostAsync(path, null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return new Uri(Client.BaseAddress!, answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery;
    }

    /// <summary>Waits until a run or refresh has ended well.</summary>
    public async Task<JsonElement> WaitForRunAsync(string location)
    {
        var run = await UntilAsync(
            () => GetAsync(location),
            status => status.GetProperty("status").GetString() is "Succeeded" or "Failed" or "Canceled",
            $"{location} did not end");
        Assert.True(run.GetProperty("status").GetString() == "Succeeded", run.ToString());
        return run;
    }

    /// <summary>Has a dataset's ledger proved by its commits, files and raw objects; a long log piece by piece.</summary>
    public async Task ProveAsync(string dataset)
    {
        for (var after = ""; ;)
        {
            using var answer = await Client.PostAsync($"/api/v1/ledger/{dataset}/proofs?deep=true{after}", null);
            var proof = await ReadAsync(answer);
            Assert.All(proof.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("passed").GetBoolean(), check.ToString()));
            Assert.False(proof.TryGetProperty("notProvable", out _), proof.ToString());
            if (proof.GetProperty("complete").GetBoolean())
            {
                Assert.True(proof.GetProperty("proven").GetBoolean(), proof.ToString());
                return;
            }

            after = $"&after={proof.GetProperty("upToVersion").GetInt64()}";
        }
    }

    public async Task<JsonElement> RunAsync(string path) => await WaitForRunAsync(await StartAsync(path));

    /// <param name="table">As in the address: <c>datasets/flights</c>, <c>warehouse/tables/fact_flights</c>.</param>
    /// <returns>The number of rows; 0 when nothing was ever committed to the table.</returns>
    public async Task<long> CountAsync(string table)
    {
        using var answer = await Client.GetAsync($"/api/v1/{table}/rows?count=true&top=1");
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return 0;
        return (await ReadAsync(answer)).GetProperty("count").GetInt64();
    }

    /// <summary>Asks again until the answer is as wanted, at most a minute.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> good, string otherwise)
    {
        using var limit = new CancellationTokenSource(SettleLimit);
        while (true)
        {
            var answer = await ask();
            if (good(answer))
                return answer;
            if (limit.IsCancellationRequested)
                Assert.Fail($"{otherwise} within {SettleLimit.TotalSeconds} s; last: {answer}");
            await Task.Delay(100);
        }
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
