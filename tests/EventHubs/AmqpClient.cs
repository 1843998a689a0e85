using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using Amqp.Types;
using DataPlatform.Local.EventHubs.Security;

namespace DataPlatform.Local.EventHubs.Tests;

/// <summary>A client of another maker (AMQPNetLite's), with a token put.</summary>
internal sealed class AmqpClient : IAsyncDisposable
{
    private readonly Connection _connection;

    private AmqpClient(Connection connection, Session session)
    {
        _connection = connection;
        Session = session;
    }

    public Session Session { get; }

    public static async Task<AmqpClient> ConnectAsync(int port, DateTimeOffset? tokenExpires = null)
    {
        var factory = new ConnectionFactory { SASL = { Profile = SaslProfile.Anonymous } };
        var connection = await factory.CreateAsync(new Address("127.0.0.1", port, null, null, "/", "amqp"), new Open { ContainerId = "test", HostName = "localhost" }, null);
        var session = new Session(connection);
        var client = new AmqpClient(connection, session);
        await client.PutTokenAsync(tokenExpires ?? DateTimeOffset.UnixEpoch.AddYears(1000));
        return client;
    }

    public async Task PutTokenAsync(DateTimeOffset expires)
    {
        var key = new SharedAccessKey("RootManageSharedAccessKey", "SAS_KEY_VALUE");
        var answer = await AskAsync("$cbs", SharedAccessSignature.Sign("sb://localhost/", key, expires), new Map
        {
            ["operation"] = "put-token",
            ["type"] = "servicebus.windows.net:sastoken",
            ["name"] = "sb://localhost/",
        });
        Assert.Equal(202, answer.ApplicationProperties["status-code"]);
    }

    public async Task<Message> AskAsync(string node, object? body, Map properties)
    {
        var name = Guid.NewGuid().ToString();
        var sender = new SenderLink(Session, "ask-" + name, node);
        var receiver = new ReceiverLink(Session, "answer-" + name, new Attach { Source = new Source { Address = node }, Target = new Target { Address = name } }, null);
        // This client wants its credit given before the answer comes.
        receiver.SetCredit(1);
        await sender.SendAsync(new Message
        {
            Properties = new Properties { MessageId = name, ReplyTo = name },
            ApplicationProperties = new ApplicationProperties { Map = { } },
            BodySection = new AmqpValue { Value = body },
        }.With(properties));
        var answer = await receiver.ReceiveAsync(TimeSpan.FromSeconds(20));
        Assert.NotNull(answer);
        Assert.Equal(name, answer.Properties.CorrelationId);
        await sender.CloseAsync();
        await receiver.CloseAsync();
        return answer;
    }

    public ReceiverLink Receive(string path, string? filter = null, long? epoch = null)
    {
        var source = new Source { Address = path };
        if (filter is not null)
            source.FilterSet = new Map { [new Symbol("apache.org:selector-filter:string")] = new DescribedValue(new Symbol("apache.org:selector-filter:string"), filter) };
        var attach = new Attach { Source = source, Target = new Target() };
        if (epoch is not null)
            attach.Properties = new Fields { [new Symbol("com.microsoft:epoch")] = epoch };
        return new ReceiverLink(Session, Guid.NewGuid().ToString(), attach, null);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.CloseAsync(TimeSpan.FromSeconds(5));
        }
        catch (AmqpException)
        {
            // The other side has closed it.
        }
        catch (TimeoutException)
        {
            // The other side is gone.
        }
    }
}
