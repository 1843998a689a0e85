using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class HttpFunctionTests
{
    public sealed class Echo
    {
        [Function("echo")]
        public IActionResult Run([HttpTrigger("get", Route = "echo/{word}")] HttpRequest request, string word) =>
            new OkObjectResult(new { word, query = request.QueryString.Value });
    }

    [Fact]
    public async Task A_request_reaches_its_function_and_the_result_comes_back()
    {
        await using var host = await TestHost.StartAsync(typeof(Echo));
        using var response = await host.Http.GetAsync(new Uri("/echo/hello?%24top=1", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"word":"hello","query":"?%24top=1"}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
