using System.Net.Sockets;
using System.Text;
using Amqp;
using Amqp.Framing;
using DataPlatform.Local.EventHubs.Tests.Protocol;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.EventHubs.Tests;

/// <summary>The endpoint, by a client that is not Microsoft's, and by peers that are no clients at all.</summary>
public sealed class EndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Message Text(string body) => new() { BodySection = new Data { Binary = Encoding.UTF8.GetBytes(body) } };

    [Fact]
    public async Task Another_makers_client_sends_and_receives()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var client = await AmqpClient.ConnectAsync(endpoint.Port);
        var sender = new SenderLink(client.Session, "sender", "/single/Partitions/0");
        for (var i = 0; i < 700; i++)
            await sender.SendAsync(Text($"event {i}"));

        var receiver = client.Receive("single/ConsumerGroups/$default/Partitions/0", "amqp.annotation.x-opt-sequence-number >= 100");
        for (var i = 100; i < 700; i++)
        {
            var message = await receiver.ReceiveAsync(TimeSpan.FromSeconds(20));
            Assert.Equal($"event {i}", Encoding.UTF8.GetString((byte[])message.Body));
            Assert.Equal((long)i, message.MessageAnnotations[new Amqp.Types.Symbol("x-opt-sequence-number")]);
            receiver.Accept(message);
        }
    }

    [Fact]
    public async Task A_link_without_a_token_is_refused_and_one_whose_token_expires_is_ended()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var folder = new TemporaryFolder();
        await using var endpoint = await EventHubsEndpoint.StartAsync(
            new EventHubsEndpointOptions { Folder = folder.Path, Configuration = TestEndpoint.Configuration, Port = 0, HealthPort = null }, clock: clock, cancellationToken: Token);
        var port = new Uri(endpoint.ConnectionString.Split(';')[0]["Endpoint=".Length..]).Port;
        await using var client = await AmqpClient.ConnectAsync(port, clock.GetUtcNow().AddSeconds(7));
        var sender = new SenderLink(client.Session, "sender", "single");
        await sender.SendAsync(Text("in time"));

        var ended = new TaskCompletionSource<Error>(TaskCreationOptions.RunContinuationsAsynchronously);
        sender.Closed += (_, error) => ended.TrySetResult(error);
        for (var i = 0; i < 4 && !ended.Task.IsCompleted; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(4));
            await Task.WhenAny(ended.Task, Task.Delay(200, Token));
        }

        Assert.Equal(ErrorCode.UnauthorizedAccess, (string)(await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Token)).Condition);
        var late = new SenderLink(client.Session, "late", "single");
        var refused = await Assert.ThrowsAsync<AmqpException>(() => late.SendAsync(Text("too late"), TimeSpan.FromSeconds(20)));
        Assert.Equal(ErrorCode.UnauthorizedAccess, (string)refused.Error.Condition);
    }

    [Fact]
    public async Task Bytes_that_are_no_amqp_end_their_connection_and_no_other()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var client = await AmqpClient.ConnectAsync(endpoint.Port);
        var sender = new SenderLink(client.Session, "sender", "single");
        byte[] hello = [.. "AMQP"u8, 3, 1, 0, 0];
        byte[] anonymous = [0, 0, 0, 0x1A, 2, 1, 0, 0, 0, 0x53, 0x41, 0xC0, 0x0D, 1, 0xA3, 9, .. "ANONYMOUS"u8];
        byte[] amqp = [.. "AMQP"u8, 0, 1, 0, 0];
        Prop.ForAll(AmqpEncodingTests.Wild.ToArbitrary(), Gen.Choose(0, 3).ToArbitrary(), (wild, stage) =>
        {
            using var socket = new TcpClient("127.0.0.1", endpoint.Port);
            byte[] frame = [0, 0, (byte)((wild.Length + 8) >> 8), (byte)(wild.Length + 8), 2, (byte)(stage == 2 ? 1 : 0), 0, 0, .. wild];
            socket.Client.Send(stage switch
            {
                0 => wild,
                1 => [.. hello, .. wild],
                2 => [.. hello, .. frame],
                _ => [.. hello, .. anonymous, .. amqp, .. frame],
            });
            socket.Client.Shutdown(SocketShutdown.Send);
            // It answers something or nothing, and ends.
            socket.ReceiveTimeout = 20_000;
            var buffer = new byte[1024];
            while (socket.Client.Receive(buffer) > 0)
            {
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
        await sender.SendAsync(Text("still here"));
    }

    [Fact]
    public async Task Health_answers_and_a_second_endpoint_cannot_have_the_folder()
    {
        using var folder = new TemporaryFolder();
        var options = new EventHubsEndpointOptions { Folder = folder.Path, Configuration = TestEndpoint.Configuration, Port = 0, HealthPort = 0 };
        await using var endpoint = await EventHubsEndpoint.StartAsync(options, cancellationToken: Token);
        using var http = new HttpClient();
        Assert.Equal("""{"status":"healthy"}""", await http.GetStringAsync(endpoint.Health, Token));
        await Assert.ThrowsAsync<IOException>(() => EventHubsEndpoint.StartAsync(options, cancellationToken: Token));
    }

    [Fact]
    public async Task A_hub_keeps_its_number_of_partitions_and_its_time_of_creation()
    {
        using var folder = new TemporaryFolder();
        var options = new EventHubsEndpointOptions { Folder = folder.Path, Configuration = TestEndpoint.Configuration, Port = 0, HealthPort = null };
        var before = await CreatedAsync(options);
        await Task.Delay(5, Token);
        Assert.Equal(before, await CreatedAsync(options));
        var other = options with { Configuration = TestEndpoint.Configuration.Replace("\"4\"", "\"5\"", StringComparison.Ordinal) };
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => EventHubsEndpoint.StartAsync(other, cancellationToken: Token));
        Assert.Contains("flights", refused.Message, StringComparison.Ordinal);
        Assert.Contains("4 partitions", refused.Message, StringComparison.Ordinal);

        static async Task<DateTime> CreatedAsync(EventHubsEndpointOptions options)
        {
            await using var endpoint = await EventHubsEndpoint.StartAsync(options, cancellationToken: Token);
            await using var client = await AmqpClient.ConnectAsync(new Uri(endpoint.ConnectionString.Split(';')[0]["Endpoint=".Length..]).Port);
            var answer = await client.AskAsync("$management", null, new Amqp.Types.Map { ["operation"] = "READ", ["name"] = "flights", ["type"] = "com.microsoft:eventhub" });
            return (DateTime)((Amqp.Types.Map)answer.Body)["created_at"];
        }
    }
}
