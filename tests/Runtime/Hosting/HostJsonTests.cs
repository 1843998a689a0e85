using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Tests.Hosting;

public sealed class HostJsonTests
{
    [Theory]
    [InlineData("\"functionTimeout\": \"-1\"", null)]
    [InlineData("\"functionTimeout\": \"-1.00:00:00\"", null)]
    [InlineData("\"functionTimeout\": \"00:10:00\"", 600)]
    [InlineData("\"logging\": {}", 1800)]
    public void The_timeout_of_functions(string member, int? seconds)
    {
        var (json, errors) = Load($$"""{ "version": "2.0", {{member}} }""");
        Assert.Empty(errors);
        Assert.Equal(seconds, (int?)json.FunctionTimeout?.TotalSeconds);
    }

    [Theory]
    [InlineData("""{ "version": "2.0", "functionTimeout": "00:00:00.5" }""", "Setting functionTimeout in host.json: '00:00:00.5' is not between a second and 24 days")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "30" }""", "'30' is not between a second and 24 days")] // days
    [InlineData("""{ "version": "2.0", "functionTimeout": "-2" }""", "'-2' is not between a second and 24 days")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "soon" }""", "'soon' is not a time")]
    [InlineData("""{ "version": "3.0" }""", "\"version\" is not \"2.0\"")]
    [InlineData("{}", "\"version\" is not \"2.0\"")]
    [InlineData("""{ "version": "2.0", "extensions": { "http": { "routePrefix": "/api" } } }""", "'/api' has a slash at an end")]
    [InlineData("""{ "version": """, "it is not JSON")]
    public void What_the_official_host_refuses_is_refused(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(Load(text).Errors), StringComparison.Ordinal);

    [Fact]
    public void Settings_stand_above_the_file_but_not_above_the_prefix_which_the_worker_reads_itself()
    {
        const string text = """{ "version": "2.0", "extensions": { "http": { "routePrefix": "v1" } } }""";
        var (json, errors) = Load(text, "AzureFunctionsJobHost:functionTimeout", "00:01:00");
        Assert.Empty(errors);
        Assert.Equal(TimeSpan.FromMinutes(1), json.FunctionTimeout);
        (_, errors) = Load(text, "AzureFunctionsJobHost:extensions:http:routePrefix", "v2");
        Assert.StartsWith("Setting AzureFunctionsJobHost:extensions:http:routePrefix: the official worker does not see it", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("functionTimeOuts", "host.json: functionTimeOuts is not known and changes nothing; did you mean functionTimeout.")]
    [InlineData("extensions:http:routePrefixes", "host.json: extensions.http.routePrefixes is not known and changes nothing; did you mean routePrefix.")]
    [InlineData("extensions:durableTask:maxConcurrentActivities", "host.json: extensions.durableTask.maxConcurrentActivities is not known and changes nothing.")]
    [InlineData("logging:loglevels", "host.json: logging.loglevels is not known and changes nothing; did you mean logLevel.")]
    [InlineData("retry:strategy", "host.json: retry is heeded by the official host, but not by the local runtime.")]
    public void Unknown_keys_are_told_with_what_was_meant(string key, string expected)
    {
        var errors = new StartErrors();
        HostJsonKeys.Check(new ConfigurationBuilder().AddInMemoryCollection([new(key, "x"), new("$schema", "s"), new("version", "2.0")]).Build(), errors);
        Assert.Equal([expected], errors.Warnings);
    }

    private static (HostJson Json, IReadOnlyList<string> Errors) Load(string text, string? setting = null, string? value = null)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("host.json"), text);
        var settings = new ConfigurationBuilder();
        if (setting is not null)
        {
            settings.AddInMemoryCollection([new(setting, value)]);
        }

        var errors = new StartErrors();
        var json = HostJson.Load([folder.Path], settings.Build(), errors);
        return (json, Record.Exception(errors.ThrowIfAny) is StartException refused ? refused.Reasons : []);
    }
}
