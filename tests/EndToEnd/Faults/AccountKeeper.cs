using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace DataPlatform.EndToEnd.Tests.Faults;

/// <summary>Changes a few keys of the operational store that are its own, and a counter that others change too, and knows which values each may have.</summary>
internal sealed class AccountKeeper(int owner)
{
    private const int Keys = 3;
    private readonly Dictionary<string, HashSet<long?>> _possible = [];
    private long _value;

    /// <summary>Increments that were answered.</summary>
    public int Counted { get; private set; }

    /// <summary>Increments that may be there or not.</summary>
    public int Uncertain { get; private set; }

    /// <returns>What came of it, for the journal.</returns>
    public async Task<string> ChangeAsync(HttpClient client, Random random)
    {
        var key = $"{owner}-{random.Next(Keys)}";
        return random.Next(8) switch
        {
            0 => await CountAsync(client),
            < 3 => await MergeAsync(client, key),
            3 => await SendAsync(client, HttpMethod.Delete, key, null),
            < 6 => await SendAsync(client, HttpMethod.Patch, key, ++_value),
            _ => await SendAsync(client, HttpMethod.Put, key, ++_value),
        };
    }

    /// <summary>Fails if a value is none of those that a key may have; remembers which it is.</summary>
    public void Check(IReadOnlyDictionary<string, long> found)
    {
        foreach (var (key, possible) in _possible)
        {
            long? value = found.TryGetValue(key, out var is_) ? is_ : null;
            Assert.True(possible.Contains(value), $"accounts/{key} is {value}, which is none of {string.Join(", ", possible.Select(Text))}");
            possible.RemoveWhere(other => other != value);
        }
    }

    private static string Text(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "deleted";

    private HashSet<long?> Possible(string key) => _possible.TryGetValue(key, out var values) ? values : _possible[key] = [null];

    private async Task<string> MergeAsync(HttpClient client, string key)
    {
        var value = ++_value;
        Possible(key).Add(value);
        using var content = new StringContent($"id,owner,value\n{key},{owner},{value}\n", Encoding.UTF8, "text/csv");
        using var answer = await client.PostAsync("/api/v1/ingest/accounts/batches", content);
        return Took(answer, key, value);
    }

    /// <param name="value">Null deletes.</param>
    private async Task<string> SendAsync(HttpClient client, HttpMethod method, string key, long? value)
    {
        var (etag, _) = await GetAsync(client, key);
        if (etag is null && method != HttpMethod.Put)
            return "nothing there";
        using var request = new HttpRequestMessage(method, $"/api/v1/operational/accounts/{key}");
        if (etag is null)
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        else
            request.Headers.IfMatch.Add(etag);
        if (value is not null)
            request.Content = new StringContent($$"""{"owner":{{owner}},"value":{{value}}}""", Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        Possible(key).Add(value);
        using var answer = await client.SendAsync(request);
        return Took(answer, key, value);
    }

    private string Took(HttpResponseMessage answer, string key, long? value)
    {
        if (answer.IsSuccessStatusCode)
            Possible(key).RemoveWhere(other => other != value);
        else
            Assert.True(answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed, $"accounts/{key}: {answer}");
        return $"{key} = {Text(value)}: {(int)answer.StatusCode}";
    }

    private async Task<string> CountAsync(HttpClient client)
    {
        var (etag, value) = await GetAsync(client, "counter");
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/operational/accounts/counter")
        {
            Content = new StringContent($$"""{"owner":-1,"value":{{value + 1}}}""", Encoding.UTF8, "application/json"),
        };
        if (etag is null)
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        else
            request.Headers.IfMatch.Add(etag);
        Uncertain++;
        using var answer = await client.SendAsync(request);
        if (answer.IsSuccessStatusCode)
            Counted++;
        if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.PreconditionFailed)
            Uncertain--;
        return $"counter = {value + 1}: {(int)answer.StatusCode}";
    }

    private static async Task<(EntityTagHeaderValue? ETag, long Value)> GetAsync(HttpClient client, string key)
    {
        using var answer = await client.GetAsync($"/api/v1/operational/accounts/{key}");
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return (null, 0);
        var row = await PlatformApi.ReadAsync(answer);
        return (answer.Headers.ETag, row.GetProperty("value").GetInt64());
    }
}
