using System.Text;
using DataPlatform.Local.EventHubs.Client;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.EventHubs.Tests.Client;

public sealed class HubClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_goes_whole_and_in_order_to_the_partition_of_its_key_with_all_it_carries()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString));
        SentEvent[] events =
        [
            .. Enumerable.Range(0, 50).Select(i => Event($"event {i}") with
            {
                ContentType = "application/json",
                MessageId = $"m{i}",
                CorrelationId = "c",
                Properties = [KeyValuePair.Create("receipt", (object)$"r#{i}"), KeyValuePair.Create("number", (object)i)],
            }),
        ];
        await client.SendAsync("flights", "key", events, Token);
        await client.SendAsync("flights", "key", [Event("alone")], Token);

        var properties = await client.GetPropertiesAsync("flights", Token);
        Assert.Equal(["0", "1", "2", "3"], properties.PartitionIds);
        var partitions = await Task.WhenAll(properties.PartitionIds.Select(id => client.GetPartitionAsync("flights", id, Token)));
        var full = Assert.Single(partitions, partition => !partition.IsEmpty);
        Assert.Equal((0, 50), (full.BeginningSequenceNumber, full.LastEnqueuedSequenceNumber));

        await using var receiver = await client.ReceiveAsync("flights", "$Default", full.Id, HubPosition.Earliest, null, 300, Token);
        var received = await ReadAsync(receiver, 51);
        Assert.Equal([.. Enumerable.Range(0, 50).Select(i => $"event {i}"), "alone"], received.Select(Text));
        Assert.Equal(Enumerable.Range(0, 51).Select(i => (long)i), received.Select(e => e.SequenceNumber));
        var seventh = received[7];
        Assert.Equal(("key", "m7", "c", "application/json"), (seventh.PartitionKey, seventh.MessageId, seventh.CorrelationId, seventh.ContentType));
        Assert.Equal(("r#7", 7), ((string)seventh.Properties["receipt"], (int)seventh.Properties["number"]));
        Assert.Equal(7L, seventh.SystemProperties["x-opt-sequence-number"]);
        Assert.Equal(full.LastEnqueuedOffset, received[^1].Offset);
        Assert.True(received[^1].EnqueuedTime > DateTimeOffset.UnixEpoch.AddYears(50));
    }

    [Fact]
    public async Task A_position_says_where_to_begin()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString));
        await client.SendAsync("single", null, [.. Enumerable.Range(0, 10).Select(i => Event($"{i}"))], Token);
        var all = await FirstAsync(HubPosition.Earliest);
        Assert.Equal("0", Text(all));
        Assert.Equal("4", Text(await FirstAsync(HubPosition.FromSequenceNumber(4))));
        Assert.Equal("5", Text(await FirstAsync(HubPosition.AfterSequenceNumber(4))));
        Assert.Equal("1", Text(await FirstAsync(HubPosition.AfterOffset(all.Offset))));
        Assert.Equal("0", Text(await FirstAsync(HubPosition.After(all.EnqueuedTime.AddSeconds(-5)))));

        await using var latest = await client.ReceiveAsync("single", "$Default", "0", HubPosition.Latest, null, 10, Token);
        await client.SendAsync("single", null, [Event("later")], Token);
        Assert.Equal("later", Text((await ReadAsync(latest, 1))[0]));

        async Task<ReceivedEvent> FirstAsync(HubPosition from)
        {
            await using var receiver = await client.ReceiveAsync("single", "$Default", "0", from, null, 10, Token);
            return (await ReadAsync(receiver, 1))[0];
        }
    }

    [Fact]
    public async Task More_events_than_are_fetched_ahead_all_come()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString));
        await client.SendAsync("single", null, [.. Enumerable.Range(0, 1000).Select(i => Event($"{i}"))], Token);
        await client.SendAsync("single", null, [new SentEvent(new byte[900_000])], Token);
        await client.SendAsync("single", null, [.. Enumerable.Range(1001, 200).Select(i => Event($"{i}"))], Token);
        foreach (var prefetch in new[] { 1, 7, 300 })
        {
            await using var receiver = await client.ReceiveAsync("single", "$Default", "0", HubPosition.Earliest, null, prefetch, Token);
            Assert.Equal(Enumerable.Range(0, 1201).Select(i => (long)i), (await ReadAsync(receiver, 1201)).Select(e => e.SequenceNumber));
        }
    }

    [Fact]
    public async Task A_least_number_is_waited_for_until_the_first_has_waited_long_enough()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString), clock);
        await client.SendAsync("single", null, [Event("0"), Event("1"), Event("2")], Token);
        await using var receiver = await client.ReceiveAsync("single", "$Default", "0", HubPosition.Earliest, null, 10, Token);
        Assert.Equal(2, (await receiver.ReadAsync(2, 2, TimeSpan.FromMinutes(1), Token).WaitAsync(Limit, Token)).Count);

        var reading = receiver.ReadAsync(10, 5, TimeSpan.FromMinutes(1), Token);
        await client.SendAsync("single", null, [Event("3")], Token);
        Assert.False(reading.IsCompleted);
        while (!reading.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(61));
            await Task.WhenAny(reading, Task.Delay(20, Token));
        }

        Assert.InRange((await reading).Count, 1, 2);
    }

    [Fact]
    public async Task An_event_too_large_is_named_with_the_limit()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString));
        var large = new SentEvent(new byte[600_000]);
        var together = await Assert.ThrowsAsync<HubException>(() => client.SendAsync("flights", "k", [Event("a"), large, large], Token));
        Assert.Equal((HubFailure.TooLarge, 2, 1_048_576), (together.Failure, together.EventIndex, together.MaxMessageSize));
        var alone = await Assert.ThrowsAsync<HubException>(() => client.SendAsync("flights", "k", [new SentEvent(new byte[1_048_576])], Token));
        Assert.Equal((HubFailure.TooLarge, 0), (alone.Failure, alone.EventIndex));
        await client.SendAsync("flights", "k", [new SentEvent(new byte[1_048_000])], Token);
    }

    [Fact]
    public async Task What_the_hub_refuses_is_told_by_kind()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        var address = HubConnectionString.Parse(endpoint.ConnectionString);
        await using var client = new HubClient(address);
        await using var stranger = new HubClient(address with { Key = "other" });
        await using var nobody = new HubClient(address with { Port = 1 });
        Assert.Equal(HubFailure.NotFound, (await FailureAsync(() => client.SendAsync("nothing", null, [Event("x")], Token))).Failure);
        Assert.Equal(HubFailure.NotFound, (await FailureAsync(() => client.ReceiveAsync("single", "none", "0", HubPosition.Earliest, null, 1, Token))).Failure);
        Assert.Equal(HubFailure.NotFound, (await FailureAsync(() => client.GetPropertiesAsync("nothing", Token))).Failure);
        Assert.Equal(HubFailure.Denied, (await FailureAsync(() => stranger.SendAsync("single", null, [Event("x")], Token))).Failure);
        Assert.Equal(HubFailure.NoAnswer, (await FailureAsync(() => nobody.SendAsync("single", null, [Event("x")], Token))).Failure);
        await client.SendAsync("single", null, [Event("still works")], Token);

        static Task<HubException> FailureAsync(Func<Task> act) => Assert.ThrowsAsync<HubException>(act);
    }

    [Theory]
    [InlineData(20_000)] // would be the end of a decoder that calls itself
    [InlineData(0)]
    public async Task An_event_that_no_consumer_could_read_is_refused_and_the_others_pass(int depth)
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var stranger = await AmqpClient.ConnectAsync(endpoint.Port);
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString));
        var sender = new Amqp.SenderLink(stranger.Session, "wild", "single");

        // Lists in lists as the body, or properties that are a number.
        var inner = new byte[depth == 0 ? 4 : (depth * 9) + 1];
        byte[] head = depth == 0 ? [0x00, 0x53, 0x73] : [0x00, 0x53, 0x77];
        for (var i = 0; i < depth; i++)
        {
            inner[i * 9] = 0xD0;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(inner.AsSpan((i * 9) + 1), inner.Length - (i * 9) - 5);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(inner.AsSpan((i * 9) + 5), 1);
        }

        inner[^1] = 0x40;
        byte[] wild = depth == 0 ? [.. head, 0x43] : [.. head, .. inner];
        var batch = new Amqp.Message { Format = 0x80013700, BodySection = new Amqp.Framing.Data { Binary = wild } };
        var refused = await Assert.ThrowsAsync<Amqp.AmqpException>(() => sender.SendAsync(batch, Limit));
        Assert.Equal(Amqp.ErrorCode.DecodeError, (string)refused.Error.Condition);

        await client.SendAsync("single", null, [Event("fine")], Token);
        await using var receiver = await client.ReceiveAsync("single", "$Default", "0", HubPosition.Earliest, null, 10, Token);
        Assert.Equal("fine", Text((await ReadAsync(receiver, 1))[0]));
    }

    [Fact]
    public async Task A_reader_of_the_same_level_takes_the_partition_over()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString));
        await using var other = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString));
        await using var first = await client.ReceiveAsync("single", "$Default", "0", HubPosition.Earliest, 0, 10, Token);
        var reading = first.ReadAsync(10, 1, Limit, Token);
        await using var second = await other.ReceiveAsync("single", "$Default", "0", HubPosition.Earliest, 0, 10, Token);
        Assert.Equal(HubFailure.Stolen, (await Assert.ThrowsAsync<HubException>(() => reading.WaitAsync(Limit, Token))).Failure);
        await other.SendAsync("single", null, [Event("x")], Token);
        Assert.Equal("x", Text((await ReadAsync(second, 1))[0]));
    }

    [Fact]
    public async Task After_a_lost_connection_the_next_call_works()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var relay = new TcpRelay(endpoint.Port);
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString) with { Port = relay.Port });
        await client.SendAsync("single", null, [Event("0")], Token);
        await using (var receiver = await client.ReceiveAsync("single", "$Default", "0", HubPosition.Earliest, 0, 10, Token))
        {
            await ReadAsync(receiver, 1);
            var reading = receiver.ReadAsync(10, 1, Limit, Token);
            relay.Cut();
            Assert.Equal(HubFailure.NoAnswer, (await Assert.ThrowsAsync<HubException>(() => reading.WaitAsync(Limit, Token))).Failure);
        }

        await client.SendAsync("single", null, [Event("1")], Token);
        await using var again = await client.ReceiveAsync("single", "$Default", "0", HubPosition.AfterSequenceNumber(0), 0, 10, Token);
        Assert.Equal("1", Text((await ReadAsync(again, 1))[0]));
        Assert.Equal(2, relay.Connections);
    }

    [Fact]
    public async Task A_hub_that_is_silent_is_given_up_and_what_was_not_answered_was_not_acknowledged()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var relay = new TcpRelay(endpoint.Port);
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString) with { Port = relay.Port }) { Timeout = TimeSpan.FromSeconds(2) };
        await client.SendAsync("single", null, [Event("0")], Token);
        relay.IsSilent = true;
        Assert.Equal(HubFailure.NoAnswer, (await Assert.ThrowsAsync<HubException>(() => client.SendAsync("single", null, [Event("1")], Token))).Failure);
        relay.IsSilent = false;
        await client.SendAsync("single", null, [Event("2")], Token);
    }

    [Fact]
    public async Task Tokens_are_renewed_before_they_expire()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await using var relay = new TcpRelay(endpoint.Port);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var client = new HubClient(HubConnectionString.Parse(endpoint.ConnectionString) with { Port = relay.Port }, clock);
        await client.SendAsync("single", null, [Event("0")], Token);
        for (var renewal = 0; renewal < 3; renewal++)
        {
            // A token lives for an hour; an idle connection sends no more than empty frames.
            var before = relay.BytesSent;
            while (relay.BytesSent <= before + 300)
            {
                clock.Advance(TimeSpan.FromMinutes(10));
                await Task.Delay(10, Token);
            }

            await client.SendAsync("single", null, [Event("later")], Token);
        }

        Assert.Equal(1, relay.Connections);
    }

    private static SentEvent Event(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Text(ReceivedEvent received) => Encoding.UTF8.GetString(received.Body.Span);

    private static async Task<List<ReceivedEvent>> ReadAsync(PartitionReceiver receiver, int count)
    {
        var events = new List<ReceivedEvent>();
        while (events.Count < count)
            events.AddRange(await receiver.ReadAsync(100, 1, Limit, Token).WaitAsync(Limit, Token));
        return events;
    }
}
