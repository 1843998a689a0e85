using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class RoutingTests
{
    public sealed class Routes
    {
        [Function("B_general")]
        public IActionResult General([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{name}")] HttpRequest request, string name) => Said($"general {name}");

        [Function("c_special")]
        public IActionResult Special([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "things/special")] HttpRequest request) => Said("special");

        [Function("a_number")]
        public IActionResult Number([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{number:int}")] HttpRequest request, string number) => Said($"number {number}");

        [Function("posted")]
        public IActionResult Posted([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "posted")] HttpRequest request) => Said("posted");

        [Function("optional")]
        public IActionResult Optional([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "optional/{part?}")] HttpRequest request, string? part) => Said($"optional {part ?? "none"}");

        [Function("defaulted")]
        public IActionResult Defaulted([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "defaulted/{part=standard}")] HttpRequest request, string part) => Said($"defaulted {part}");

        [Function("rest")]
        public IActionResult Rest([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "files/{*path}")] HttpRequest request, string path) => Said($"rest {path} {request.QueryString.Value}");

        [Function("root")]
        public IActionResult Root([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "{root:regex(^$)?}")] HttpRequest request) => Said("root");

        [Function("named_by_default")]
        public IActionResult Named([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Said("named " + request.Method);
    }

    public sealed class Special
    {
        [Function("c_special")]
        public IActionResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/special")] HttpRequest request) => Said("special");
    }

    public sealed class OnlyPosted
    {
        [Function("posted")]
        public IActionResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "posted")] HttpRequest request) => Said("posted");
    }

    public sealed class CatchAll
    {
        [Function("zz_unknown")]
        public IActionResult Unknown([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request, string? path) => Said($"unknown {path}");
    }

    [Theory]
    [InlineData("/things/12", "number 12")]
    [InlineData("/things/12x", "general 12x")]
    [InlineData("/things/special", "general special")] // "B_general" stands before "c_special", more special or not
    [InlineData("/THINGS/Mixed", "general Mixed")]
    [InlineData("/things/a%2Fb", "general a%2Fb")]
    [InlineData("/things/a%20b", "general a b")]
    [InlineData("/optional", "optional none")]
    [InlineData("/optional/x", "optional x")]
    [InlineData("/defaulted", "defaulted standard")]
    [InlineData("/files/a/b/?%24top=1&x=%2F", "rest a/b/ ?%24top=1&x=%2F")]
    [InlineData("/files", "rest  ")]
    [InlineData("/", "root")]
    [InlineData("/named_by_default", "named GET")]
    public async Task The_first_match_by_function_name_answers(string target, string expected)
    {
        await using var host = await TestHost.StartAsync(typeof(Routes));
        Assert.Equal((HttpStatusCode.OK, expected), await host.Http.GetTextAsync(target));
    }

    [Theory]
    [InlineData("GET", "/posted")]
    [InlineData("HEAD", "/optional")]
    [InlineData("OPTIONS", "/posted")]
    [InlineData("GET", "/things")]
    [InlineData("GET", "/things/a/b")]
    [InlineData("GET", "/nowhere")]
    public async Task What_no_function_takes_is_404_without_a_body(string method, string target)
    {
        await using var host = await TestHost.StartAsync(typeof(Routes));
        Assert.Equal((HttpStatusCode.NotFound, ""), await host.Http.CallAsync(method, target));
    }

    [Fact]
    public async Task A_listed_method_and_any_method_without_a_list()
    {
        await using var host = await TestHost.StartAsync(typeof(Routes));
        Assert.Equal(HttpStatusCode.OK, (await host.Http.CallAsync("HEAD", "/things/special")).Status);
        Assert.Equal("named PATCH", (await host.Http.CallAsync("PATCH", "/named_by_default")).Body);
    }

    [Theory]
    [InlineData("/things/a/../special", "general special")]
    [InlineData("/things/%2e%2e/optional/x", "optional x")]
    public async Task Dots_are_collapsed_before_routing(string target, string expected)
    {
        await using var host = await TestHost.StartAsync(typeof(Routes));
        Assert.EndsWith(expected, (await RawHttp.GetAsync(host.Address, target)).Replace("\r\n0\r\n\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_catch_all_gets_the_rest_but_not_the_hosts_own_paths()
    {
        await using var host = await TestHost.StartAsync(typeof(Routes), typeof(CatchAll));
        Assert.Equal("unknown no/where", (await host.Http.GetTextAsync("/no/where")).Body);
        Assert.Equal("unknown posted", (await host.Http.GetTextAsync("/posted")).Body);
        Assert.Equal("unknown administration", (await host.Http.GetTextAsync("/administration")).Body);
        Assert.Equal("unknown runtime", (await host.Http.GetTextAsync("/runtime")).Body);
    }

    // Seen on the official host 4.1037 with a catch-all.
    [Theory]
    [InlineData("GET", "/admin/host/status", 401, "")]
    [InlineData("GET", "/ADMIN/functions/x/status", 401, "")]
    [InlineData("GET", "/admin/functions", 401, "")]
    [InlineData("GET", "/admin/host/systemkeys", 401, "")]
    [InlineData("PUT", "/admin/host/systemkeys/x", 401, "")]
    [InlineData("GET", "/admin/vfs/", 401, "")]
    [InlineData("PUT", "/runtime/webhooks/x", 401, "")]
    [InlineData("GET", "/runtime/webhooks/x/y/z", 401, "")]
    [InlineData("GET", "/admin/host/ping", 200, "")]
    [InlineData("POST", "/admin/host/status", 200, "unknown admin/host/status")]
    [InlineData("GET", "/admin/host", 200, "unknown admin/host")]
    [InlineData("GET", "/admin", 200, "unknown admin")]
    [InlineData("GET", "/admin/zip", 200, "unknown admin/zip")]
    [InlineData("GET", "/admin/warmup", 200, "unknown admin/warmup")]
    [InlineData("GET", "/runtime/webhooks", 200, "unknown runtime/webhooks")]
    [InlineData("GET", "/runtime/x", 200, "unknown runtime/x")]
    public async Task The_hosts_own_addresses_answer_as_without_a_key(string method, string target, int status, string body)
    {
        await using var host = await TestHost.StartAsync(typeof(CatchAll));
        Assert.Equal(((HttpStatusCode)status, body), await host.Http.CallAsync(method, target));
    }

    [Fact]
    public async Task A_warm_up_is_answered_where_no_function_takes_it()
    {
        await using var host = await TestHost.StartAsync(typeof(Special));
        Assert.Equal((HttpStatusCode.OK, ""), await host.Http.GetTextAsync("/admin/warmup"));
        Assert.Equal((HttpStatusCode.NotFound, ""), await host.Http.GetTextAsync("/admin/host"));
    }

    [Fact]
    public async Task The_home_page_is_there_unless_a_function_or_a_setting_takes_it()
    {
        await using (var host = await TestHost.StartAsync(typeof(Routes)))
        {
            Assert.Equal("root", (await host.Http.GetTextAsync("/")).Body);
        }

        await using (var host = await TestHost.StartAsync(typeof(OnlyPosted)))
        {
            using var page = await host.Http.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        }

        await using (var host = await TestHost.StartAsync([typeof(OnlyPosted)], null, args: ["--AzureWebJobsDisableHomepage", "true"]))
        {
            Assert.Equal((HttpStatusCode.NoContent, ""), await host.Http.GetTextAsync("/"));
        }
    }

    [Theory]
    [InlineData("AzureWebJobs.C_Special.Disabled", "true")]
    [InlineData("AzureWebJobs_c_special_Disabled", "1")]
    public async Task A_disabled_function_keeps_its_route_and_answers_404(string setting, string value)
    {
        await using var host = await TestHost.StartAsync([typeof(Special), typeof(CatchAll)], null, args: [$"--{setting}", value]);
        Assert.Equal((HttpStatusCode.NotFound, ""), await host.Http.GetTextAsync("/things/special"));
        Assert.Equal("unknown things/other", (await host.Http.GetTextAsync("/things/other")).Body);
        Assert.Contains(host.Logs.Entries, e => e.Message == "Disabled functions: c_special.");
    }

    [Fact]
    public async Task A_setting_that_disables_nothing_is_told()
    {
        await using var host = await TestHost.StartAsync(
            [typeof(Special)],
            null,
            args: ["--AzureWebJobs.c_specail.Disabled", "true", "--AzureWebJobs:c_special:Disabled", "true"]);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetTextAsync("/things/special")).Status);
        Assert.Contains(host.Logs.Entries, e => e.Message == "Setting AzureWebJobs.c_specail.Disabled is for a function that is not there; did you mean c_special.");
        Assert.Contains(host.Logs.Entries, e => e.Message.StartsWith("Setting AzureWebJobs:c_special:Disabled is not read by the official host", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_invocation_id_from_a_client_breaks_the_request_as_on_the_official_host()
    {
        await using var host = await TestHost.StartAsync(typeof(Special));
        host.Http.DefaultRequestHeaders.Add("X-MS-Invocation-Id", "7f0a1c2e");
        Assert.Equal((HttpStatusCode.InternalServerError, ""), await host.Http.GetTextAsync("/things/special"));
        Assert.Contains(host.Logs.Entries, e => e.Message.StartsWith("A request for c_special carries x-ms-invocation-id", StringComparison.Ordinal));
    }

    // Kestrel stands in front on both hosts.
    [Theory]
    [InlineData("GET /things/special HTTP/1.1\r\n\r\n", "400 Bad Request")] // no Host
    [InlineData("GET things HTTP/1.1\r\nHost: h\r\n\r\n", "405 Method Not Allowed")] // a form for CONNECT
    [InlineData("nonsense\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /long HTTP/1.1\r\nHost: h\r\n\r\n", "414 URI Too Long")]
    [InlineData("GET /things/special HTTP/1.1\r\nHost: h\r\nx: long\r\n\r\n", "431 Request Header Fields Too Large")]
    public async Task What_is_no_request_never_reaches_a_function(string request, string status)
    {
        await using var host = await TestHost.StartAsync(typeof(Special), typeof(CatchAll));
        await using var raw = await RawHttp.ConnectAsync(host.Address);
        await raw.SendAsync(request.Replace("long", new string('x', 40_000), StringComparison.Ordinal));
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", await raw.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version":"2.0"}""", "/api/posted")]
    [InlineData("""{"version":"2.0","extensions":{"http":{"routePrefix":"v2/data"}}}""", "/v2/data/posted")]
    public async Task The_prefix_comes_from_host_json(string hostJson, string target)
    {
        await using var host = await TestHost.StartAsync([typeof(Routes)], null, hostJson);
        Assert.Equal((HttpStatusCode.OK, "posted"), await host.Http.CallAsync("POST", target));
        Assert.Equal(HttpStatusCode.NotFound, (await host.Http.CallAsync("POST", "/posted")).Status);
    }

    private static ContentResult Said(string text) => new() { Content = text };
}
