using System.Net;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Tests.Hosting;

public sealed class LocalSettingsTests
{
    public sealed class Fine
    {
        [Function("fine")]
        public IResult Run([HttpTrigger("get", "post")] HttpRequest request) => Results.Text("fine");
    }

    [Fact]
    public async Task Values_and_connection_strings_are_settings()
    {
        await using var host = await StartAsync("""
            { // comments and trailing commas are fine
              "Values": { "Part:Key": "file", "Nested__Key": "nested", "Number": 5, "Yes": true, },
              "ConnectionStrings": { "Plain": "one", "WithProvider": { "ConnectionString": "two", "ProviderName": "any" } } }
            """);
        var settings = host.Get<IConfiguration>();
        Assert.Equal(("file", "nested", "5", "true"), (settings["Part:Key"], settings["Nested:Key"], settings["Number"], settings["Yes"]));
        Assert.Equal(("one", "two"), (settings.GetConnectionString("Plain"), settings.GetConnectionString("WithProvider")));
    }

    [Theory]
    [InlineData("""{ "IsEncrypted": true, "Values": {} }""", "its values are encrypted")]
    [InlineData("""{ "Values": { "Nested": { "Key": "x" } } }""", "Nested is not a text; write one setting a line, with ':' or '__'")]
    [InlineData("""{ "Values": [] }""", "Values is not an object")]
    [InlineData("""{ "Values": { """, "it is not JSON")]
    [InlineData("[]", "it is not JSON (the root is not an object)")]
    [InlineData("""{ "Values": { "FUNCTIONS_WORKER_RUNTIME": "dotnet" } }""", "Setting FUNCTIONS_WORKER_RUNTIME: 'dotnet' is another kind of worker")]
    [InlineData("""{ "Host": { "CORS": "*", "CORSCredentials": true } }""", "every web site and credentials do not go together")]
    [InlineData("""{ "Host": { "CORS": "http://localhost:3000/" } }""", "'http://localhost:3000/' is not an origin")]
    public async Task A_wrong_file_is_refused(string text, string expected)
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => StartAsync(text));
        Assert.Contains(exception.Reasons, reason => reason.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_parts_are_told_with_what_was_meant()
    {
        await using var host = await StartAsync("""{ "Value": {}, "Host": { "LocalHttpPorts": 1 } }""");
        Assert.Contains(host.Logs.Entries, e => e.Message.EndsWith("local.settings.json: Value is not known; did you mean Values.", StringComparison.Ordinal));
        Assert.Contains(host.Logs.Entries, e => e.Message.EndsWith("Host.LocalHttpPorts is not known; did you mean LocalHttpPort.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_port_of_the_file_is_below_all_other_settings()
    {
        const string file = """{ "Host": { "LocalHttpPort": 70000 } }""";
        await using var host = await StartAsync(file); // --port 0
        var exception = await Assert.ThrowsAsync<StartException>(() => StartAsync(file, "--port", ""));
        Assert.Contains("Setting LocalHttpPort in local.settings.json: '70000' is not a port; give a number from 0 (any free one) to 65535.", exception.Reasons);
    }

    [Fact]
    public async Task A_named_web_site_may_call()
    {
        await using var host = await StartAsync("""{ "Host": { "CORS": "http://localhost:3000, https://example.com" } }""");
        using var preflight = new HttpRequestMessage(HttpMethod.Options, new Uri("/fine", UriKind.Relative))
        {
            Headers = { { "Origin", "http://localhost:3000" }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "x-api-key" } },
        };
        using var allowed = await host.Http.SendAsync(preflight, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
        Assert.Equal(["http://localhost:3000"], allowed.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(["x-api-key"], allowed.Headers.GetValues("Access-Control-Allow-Headers"));

        using var call = new HttpRequestMessage(HttpMethod.Get, new Uri("/fine", UriKind.Relative)) { Headers = { { "Origin", "https://evil.example" } } };
        using var answer = await host.Http.SendAsync(call, TestContext.Current.CancellationToken);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_the_setting_no_web_site_may_call()
    {
        await using var host = await StartAsync("{}");
        using var call = new HttpRequestMessage(HttpMethod.Options, new Uri("/fine", UriKind.Relative))
        {
            Headers = { { "Origin", "http://localhost:3000" }, { "Access-Control-Request-Method", "POST" } },
        };
        using var answer = await host.Http.SendAsync(call, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static Task<TestHost> StartAsync(string file, params string[] args)
    {
        var folder = new TempFolder();
        File.WriteAllText(folder.File("local.settings.json"), file);
        return TestHost.StartAsync([typeof(Fine)], null, folder: folder, args: args);
    }
}
