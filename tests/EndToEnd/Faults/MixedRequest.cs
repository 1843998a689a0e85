using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace DataPlatform.EndToEnd.Tests.Faults;

/// <summary>A request of the mixed load with rows of its own, and what its sender knows of it.</summary>
/// <param name="Number">Unique; the ids of its rows are made of it.</param>
/// <param name="Retries">Whether its sender sends it again until it is answered.</param>
internal sealed record MixedRequest(int Number, string Dataset, string Path, string ContentType, string Body, bool Retries)
{
    /// <summary>Null where repeats are known otherwise, or not at all.</summary>
    public string? Key { get; init; }

    public bool Later { get; init; }

    /// <summary>The rows go through an upload session.</summary>
    public bool Session { get; init; }

    /// <summary>The ids of the rows that the contract takes.</summary>
    public required IReadOnlyList<long> Good { get; init; }

    /// <summary>The ids of the rows that it does not.</summary>
    public IReadOnlyList<long> Bad { get; init; } = [];

    public bool Acknowledged { get; private set; }

    /// <summary>The receipt's id; null unless it was loaded before the answer.</summary>
    public string? Receipt { get; private set; }

    /// <summary>The address of the upload; null unless it is loaded after the answer.</summary>
    public string? Upload { get; private set; }

    private string? Complete { get; set; }

    /// <summary>Sends it, once.</summary>
    /// <returns>What came of it, for the journal.</returns>
    public async Task<string> SendAsync(HttpClient client)
    {
        try
        {
            return Session ? await SendSessionAsync(client) : await PostAsync(client);
        }
        catch (Exception fault) when (IsDeath(fault))
        {
            return "no answer";
        }
    }

    /// <summary>What a client sees of a host that is killed.</summary>
    public static bool IsDeath(Exception fault) => fault is HttpRequestException or SocketException or IOException;

    public override string ToString() => $"request {Number} ({Dataset}, {(Session ? "session" : Path.Split('/')[^1])}, {ContentType}{(Later ? ", later" : "")}{(Key is null ? "" : ", keyed")}"
        + $"{(Retries ? ", retried" : "")}, {Good.Count}+{Bad.Count} rows): {Receipt ?? Upload ?? "not acknowledged"}";

    private async Task<string> PostAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Content() };
        if (Key is not null)
            request.Headers.Add("Idempotency-Key", Key);
        if (Later)
            request.Headers.Add("Prefer", "respond-async");
        using var answer = await client.SendAsync(request);
        return await TakeAsync(answer);
    }

    /// <summary>A session is begun again until its bytes are there, and then completed, also by the next host.</summary>
    private async Task<string> SendSessionAsync(HttpClient client)
    {
        if (Complete is null)
        {
            using var begin = new StringContent($$"""{"contentType": "{{ContentType}}"}""", Encoding.UTF8, "application/json");
            using var begun = await client.PostAsync($"/api/v1/ingest/{Dataset}/uploads", begin);
            if (begun.StatusCode == HttpStatusCode.ServiceUnavailable)
                return "503";
            var session = await PlatformApi.ReadAsync(begun);
            using var put = new HttpRequestMessage(HttpMethod.Put, session.GetProperty("url").GetString()) { Content = Content() };
            put.Headers.Add("x-ms-blob-type", "BlockBlob");
            put.Headers.Add("x-ms-version", "2021-12-02");
            using var storage = new HttpClient();
            using var written = await storage.SendAsync(put);
            Assert.True(written.IsSuccessStatusCode, $"{this}: {(int)written.StatusCode} {await written.Content.ReadAsStringAsync()}");
            Complete = new Uri(client.BaseAddress!, session.GetProperty("links").GetProperty("complete").GetString()!).PathAndQuery;
        }

        using var answer = await client.PostAsync(Complete, null);
        return await TakeAsync(answer);
    }

    private ByteArrayContent Content()
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
        return content;
    }

    private async Task<string> TakeAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        switch (answer.StatusCode)
        {
            case HttpStatusCode.OK:
                var receipt = JsonDocument.Parse(text).RootElement;
                Check(receipt);
                Receipt = receipt.GetProperty("id").GetString();
                Acknowledged = true;
                return $"receipt {Receipt}";
            case HttpStatusCode.Accepted:
                Upload = new Uri(answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery;
                Acknowledged = true;
                return $"accepted {Upload}";
            case HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests:
                return $"{(int)answer.StatusCode} {text}";
            default:
                Assert.Fail($"{this}: {(int)answer.StatusCode} {text}");
                return "";
        }
    }

    /// <summary>Whether a receipt has the request's rows.</summary>
    public void Check(JsonElement receipt)
    {
        var (received, loaded, duplicate, quarantined) = (Count("received"), Count("loaded"), Count("duplicate"), Count("quarantined"));
        Assert.True(
            (received, loaded + duplicate, quarantined) == (Good.Count + Bad.Count, Good.Count, Bad.Count) && receipt.GetProperty("state").GetString() == "committed",
            $"{this}: {receipt}");

        int Count(string name) => receipt.GetProperty(name).GetInt32();
    }
}
