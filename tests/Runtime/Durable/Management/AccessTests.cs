using System.Net;
using DataPlatform.Local.Runtime.Durable.Management;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

public sealed class AccessTests
{
    [Theory]
    [InlineData(null, null, HttpStatusCode.Unauthorized)]
    [InlineData("secre", null, HttpStatusCode.Unauthorized)]
    [InlineData("secret", null, HttpStatusCode.OK)]
    [InlineData(null, "Secret", HttpStatusCode.Unauthorized)]
    [InlineData(null, "secret", HttpStatusCode.OK)]
    public async Task A_key_that_is_set_must_be_shown(string? code, string? header, HttpStatusCode expected)
    {
        await using ManagedHost host = await ManagedHost.StartAsync("--LocalRuntime:ManagementKey", "secret");
        (string, string)[] headers = header is null ? [] : [("x-functions-key", header)];
        Assert.Equal(expected, (await host.CallAsync("GET", $"instances{(code is null ? "" : $"?code={code}")}", headers: headers)).Status);
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost:7071", null, true)]
    [InlineData("127.0.0.1", "127.0.0.1:7071", null, true)]
    [InlineData("::1", "[::1]:7071", null, true)]
    [InlineData("::ffff:127.0.0.1", "localhost", null, true)]
    [InlineData("127.0.0.1", "localhost:7071", "http://localhost:7071", true)]
    [InlineData("127.0.0.1", "localhost:7071", "http://localhost:3000", false)]
    [InlineData("127.0.0.1", "localhost:7071", "null", false)]
    [InlineData("127.0.0.1", "evil.example", null, false)]
    [InlineData("172.17.0.1", "localhost:7071", null, false)]
    [InlineData(null, "localhost:7071", null, false)]
    public void Without_a_key_only_programs_of_this_machine_may_call(string? remote, string name, string? origin, bool allowed)
    {
        DefaultHttpContext http = new();
        http.Request.Scheme = "http";
        http.Request.Host = new HostString(name);
        http.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
        if (origin is not null) http.Request.Headers.Origin = origin;
        ManagementAccess access = new(new ConfigurationBuilder().Build());

        ManagementRefusedException? refused = Record.Exception(() => access.Check(http)) as ManagementRefusedException;

        Assert.Equal(allowed ? null : StatusCodes.Status401Unauthorized, refused?.Status);
    }

    [Fact]
    public async Task A_refusal_says_what_to_set()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        ManagedAnswer answer = await host.CallAsync("GET", "instances", headers: ("Host", "evil.example"));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains("LocalRuntime:ManagementKey", answer.Error, StringComparison.Ordinal);
    }
}
