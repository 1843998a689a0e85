using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

public sealed class HostileInputTests
{
    private static readonly string[] Parts =
    [
        "instances", "orchestrators", "entities", "one", "Wait", "Echo", "raiseEvent", "terminate", "suspend", "resume", "go", "", ".", "..", "@a@b",
        "%2F", "%5C", "%00", "%", "%zz", "%ff", "%C3%A9", "%F0%9F%98%80", "%ED%A0%80", "%25", "%3F", "%23", "%0A", "'", "\"", ";--", "{x}", "*",
        "a+b", new string('x', 257), "\u00e9", "\u00ff",
    ];

    private static readonly string[] Options =
    [
        "top", "createdTimeFrom", "createdTimeTo", "runtimeStatus", "instanceIdPrefix", "showInput", "showHistory", "showHistoryOutput", "reason",
        "taskHub", "connection", "code", "timeout", "pollingInterval", "x",
    ];

    private static readonly string[] Values =
    [
        "", "1", "-1", "0", "99999999999999999999", "1e308", "NaN", "true", "TRUE", "maybe", "Completed", "Completed,,Failed", "Nothing", "-1,7",
        "2020-01-01", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00%2B14:00", "2020-02-30", "%00", "%ff", "%F0%9F%98%80", "%22%5Cud800%22", "%7B", "'", "a%0D%0Ab",
        "LocalHub", new string('9', 300),
    ];

    private static readonly string[] Bodies =
    [
        "", "1", "{", "null", "\"\\ud800\"", "{\"\\udfff\":1}", "\u00ff\u00fe", new string('[', 80), "\u00ef\u00bb\u00bf1", "{\"a\":1,\"a\":2}", "NaN", "\0",
    ];

    private static readonly string[] Types =
    [
        "application/json", "application/json; charset=utf-8", "application/json; charset=nonsense", "text/plain", "application/", ";",
    ];

    [Fact]
    public async Task Whatever_is_asked_it_is_no_failure_of_the_host()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.StartAsync("Wait", "one");
        Gen<string> path = Gen.Elements(Parts).ListOf().Select(parts => string.Join('/', parts.Take(5)));
        Gen<string> query = Gen.Elements(Options).SelectMany(name => Gen.Elements(Values).Select(value => $"{name}={value}")).ListOf()
            .Select(options => string.Join('&', options.Take(4)));
        Gen<string> request =
            from method in Gen.Elements("GET", "POST", "DELETE", "PUT", "HEAD")
            from start in Gen.Elements("", "instances/", "instances/one/", "orchestrators/")
            from rest in path
            from options in query
            from type in Gen.Elements(Types)
            from token in Gen.Elements("", "x-ms-continuation-token: ?\r\n", "x-ms-continuation-token: YQ\r\n", "x-ms-continuation-token: /w\r\n")
            from body in Gen.Elements(Bodies)
            select $"{method} /{ManagedHost.Root}/{start}{rest}?{options} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{token}"
                + $"Content-Type: {type}\r\nContent-Length: {Encoding.Latin1.GetByteCount(body)}\r\n\r\n{body}";

        string[] requests = [.. request.Sample(400, 8)];
        Assert.Equal(400, requests.Length);
        foreach (string text in requests)
        {
            await using RawHttp raw = await RawHttp.ConnectAsync(host.Host.Address);
            await raw.SendAsync(text);
            string status = (await raw.ReadToEndAsync()).Split(' ')[1];
            // 501 is said on purpose.
            Assert.True(status is [not '5', ..] or "501", $"{status} for {text}");
        }

        Assert.DoesNotContain(host.Host.Logs.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }
}
