using System.Net;

namespace DataPlatform.Local.Runtime.Tests;

internal static class HttpClientExtensions
{
    public static async Task<(HttpStatusCode Status, string Body)> CallAsync(this HttpClient client, string method, string target, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(target, UriKind.Relative)) { Content = content };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public static Task<(HttpStatusCode Status, string Body)> GetTextAsync(this HttpClient client, string target) => client.CallAsync("GET", target);
}
