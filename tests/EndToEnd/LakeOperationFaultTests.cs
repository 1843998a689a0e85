using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Folders are copied, moved and deleted by hosts that are killed on the way: nothing is lost, and another host brings it to its end.</summary>
public sealed class LakeOperationFaultTests
{
    // More than two batches of work.
    private const int Objects = 230;

    [Theory]
    [InlineData("copy", "after-lake-work:1")]
    [InlineData("move", "after-lake-work:2")]
    [InlineData("move", "after-lake-work:5")]
    [InlineData("delete", "after-lake-work:2")]
    public async Task A_killed_operation_goes_on_in_another_host(string kind, string place)
    {
        using var folder = new TestFolder();
        string location;
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = place }))
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Objects), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancel) =>
            {
                using var put = await host.Client.PutAsync(Address("a", i), new StringContent(Text(i)), cancel);
                Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            });
            using var answer = kind == "delete"
                ? await host.Client.DeleteAsync("/api/v1/lake/files/a/?recursive=true")
                : await host.Client.PostAsync(
                    "/api/v1/lake/files/z/", new StringContent($$"""{"{{kind}}From":"files/a/"}""", Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            location = answer.Headers.GetValues("Operation-Location").Single();
            using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
            await host.WaitForExitAsync(limit.Token);
        }

        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            var api = new PlatformApi(host.Client);
            var ended = await api.WaitForRunAsync(new Uri(new Uri("http://host"), location).PathAndQuery);

            Assert.Equal("Succeeded", ended.GetProperty("status").GetString());
            if (kind != "delete")
                Assert.Equal(Objects, ended.GetProperty("copied").GetInt32());
            Assert.Equal(kind == "copy" ? Objects : 0, await CountAsync(api, "a"));
            Assert.Equal(kind == "delete" ? 0 : Objects, await CountAsync(api, "z"));
            for (var i = 0; kind != "delete" && i < Objects; i += 29)
                Assert.Equal(Text(i), await host.Client.GetStringAsync(Address("z", i)));

            var listed = await api.GetAsync("/api/v1/lake/operations");
            Assert.Equal(ended.GetProperty("id").GetString(), Assert.Single(listed.GetProperty("value").EnumerateArray()).GetProperty("id").GetString());
            using var late = await host.Client.PostAsync($"/api/v1/lake/operations/{ended.GetProperty("id").GetString()}/cancel", null);
            Assert.Equal((HttpStatusCode.Conflict, "OperationHasEnded"), (late.StatusCode, late.Headers.GetValues("x-ms-error-code").Single()));
            await host.StopAsync();
        }
    }

    private static string Text(int number) => string.Create(CultureInfo.InvariantCulture, $"object {number}");

    private static string Address(string folder, int number) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/lake/files/{folder}/{number % 7}/{number}.txt");

    private static async Task<int> CountAsync(PlatformApi api, string folder)
    {
        var count = 0;
        for (var next = $"/api/v1/lake/files/{folder}/"; next is not null;)
        {
            var page = await api.GetAsync(next);
            count += page.GetProperty("value").GetArrayLength();
            next = page.TryGetProperty("nextLink", out var link) && link.ValueKind == JsonValueKind.String ? new Uri(link.GetString()!).PathAndQuery : null;
        }

        return count;
    }
}
