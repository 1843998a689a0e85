using System.Collections.Concurrent;
using System.Globalization;
using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using Amqp.Types;
using DataPlatform.Local.EventHubs.Security;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>One AMQP connection to a namespace, with tokens put for the hubs it is used for and renewed while it is open.</summary>
internal sealed class HubConnection : IAsyncDisposable
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(40);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);
    private const int IdleMilliseconds = 60_000;

    private readonly HubConnectionString _address;
    private readonly Connection _connection;
    private readonly Session _session;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, Lazy<Task>> _authorized = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Lazy<Task<(SenderLink Link, Attach Answer)>>> _senders = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _closing = new();

    private HubConnection(HubConnectionString address, Connection connection, TimeSpan timeout, TimeProvider clock)
    {
        _address = address;
        _connection = connection;
        _session = new Session(connection);
        _timeout = timeout;
        _clock = clock;
    }

    public bool IsClosed => _connection.IsClosed || _session.IsClosed;

    /// <exception cref="HubException">Nobody answers.</exception>
    public static async Task<HubConnection> OpenAsync(HubConnectionString address, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { SASL = { Profile = SaslProfile.Anonymous }, AMQP = { IdleTimeout = IdleMilliseconds, HostName = address.Host } };
        var opening = factory.CreateAsync(new Address(address.Host, address.Port, null, null, "/", address.UsesTls ? "AMQPS" : "AMQP"));
        try
        {
            return new HubConnection(address, await opening.WaitAsync(timeout, clock, cancellationToken), timeout, clock);
        }
        catch (Exception exception) when (HubException.IsLoss(exception) || exception is OperationCanceledException)
        {
            _ = opening.ContinueWith(late => late.IsCompletedSuccessfully ? HubLinks.CloseAsync(late.Result, CloseTimeout) : Task.FromResult(late.Exception), TaskScheduler.Default);
            if (exception is OperationCanceledException)
                throw;
            throw HubException.From(exception, $"The connection to {address}");
        }
    }

    /// <summary>Sends to a hub; its link is opened at the first time and kept.</summary>
    /// <exception cref="HubException">See <see cref="HubFailure"/>.</exception>
    public async Task SendAsync(string hub, string? partitionKey, IReadOnlyList<SentEvent> events, CancellationToken cancellationToken)
    {
        await AuthorizeAsync(hub, cancellationToken);
        var what = $"The link to {hub}";
        var opening = _senders.GetOrAdd(hub, name => new(() => OpenSenderAsync(name)));
        try
        {
            var (link, answer) = await opening.Value.WaitAsync(cancellationToken);
            var message = HubBatch.Encode(events, partitionKey, answer.MaxMessageSize);
            await link.SendAsync(message, _timeout).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (HubException.IsLoss(exception) || exception is HubException { EventIndex: null })
        {
            Forget(hub, opening);
            throw HubException.From(exception, what);
        }
    }

    /// <exception cref="HubException">See <see cref="HubFailure"/>.</exception>
    public async Task<ReceiverLink> OpenReceiverAsync(string hub, string path, string filter, long? epoch, CancellationToken cancellationToken)
    {
        await AuthorizeAsync(hub, cancellationToken);
        var selector = new Symbol("apache.org:selector-filter:string");
        var attach = new Attach
        {
            Source = new Source { Address = path, FilterSet = new Map { [selector] = new DescribedValue(selector, filter) } },
            Target = new Target(),
            SndSettleMode = SenderSettleMode.Settled,
        };
        if (epoch is not null)
            attach.Properties = new Fields { [new Symbol("com.microsoft:epoch")] = epoch };
        var (link, _) = await HubLinks.OpenAsync(
            onAttached => new ReceiverLink(_session, $"{path}-{Guid.NewGuid():N}", attach, onAttached),
            answer => answer.Source is not null,
            $"The link to {path}",
            _timeout,
            _clock,
            cancellationToken);
        return link;
    }

    /// <summary>Asks <c>$management</c>.</summary>
    /// <exception cref="HubException">See <see cref="HubFailure"/>.</exception>
    public async Task<Map> ReadAsync(string hub, string type, string? partition, CancellationToken cancellationToken)
    {
        await AuthorizeAsync(hub, cancellationToken);
        var properties = new Dictionary<string, object>
        {
            ["operation"] = "READ",
            ["name"] = hub,
            ["type"] = type,
            ["security_token"] = Token(hub),
        };
        if (partition is not null)
            properties["partition"] = partition;
        var answer = await RequestAsync("$management", null, properties, $"The question about {hub}", cancellationToken);
        return answer.Body as Map ?? throw new HubException(HubFailure.Refused, $"The question about {hub} was not answered with a map.");
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await HubLinks.CloseAsync(_connection, CloseTimeout);
        _closing.Dispose();
    }

    private string Audience(string hub) => $"sb://{_address.Host}/{hub}";

    private string Token(string hub) =>
        SharedAccessSignature.Sign(Audience(hub), new SharedAccessKey(_address.KeyName, _address.Key), _clock.GetUtcNow() + TokenLife);

    private async Task AuthorizeAsync(string hub, CancellationToken cancellationToken)
    {
        var putting = _authorized.GetOrAdd(hub, name => new(() => AuthorizeAsync(name)));
        try
        {
            await putting.Value.WaitAsync(cancellationToken);
        }
        catch (HubException)
        {
            _authorized.TryRemove(KeyValuePair.Create(hub, putting));
            throw;
        }
    }

    private async Task AuthorizeAsync(string hub)
    {
        await PutTokenAsync(hub);
        _ = RenewAsync(hub, _closing.Token);
    }

    // A token that cannot be renewed ends the links when it expires: whoever uses them opens them anew, and is told why that fails.
    private async Task RenewAsync(string hub, CancellationToken closing)
    {
        try
        {
            while (!IsClosed)
            {
                await Task.Delay(RenewAfter, _clock, closing);
                await PutTokenAsync(hub);
            }
        }
        catch (Exception exception) when (exception is HubException or OperationCanceledException)
        {
            _authorized.TryRemove(hub, out _);
        }
    }

    private async Task PutTokenAsync(string hub)
    {
        var properties = new Dictionary<string, object>
        {
            ["operation"] = "put-token",
            ["type"] = "servicebus.windows.net:sastoken",
            ["name"] = Audience(hub),
        };
        await RequestAsync("$cbs", Token(hub), properties, $"The token for {hub}", CancellationToken.None);
    }

    private Task<(SenderLink Link, Attach Answer)> OpenSenderAsync(string hub) => HubLinks.OpenAsync(
        onAttached => new SenderLink(_session, $"{hub}-{Guid.NewGuid():N}", new Attach { Source = new Source(), Target = new Target { Address = hub } }, onAttached),
        answer => answer.Target is not null,
        $"The link to {hub}",
        _timeout,
        _clock,
        CancellationToken.None);

    private void Forget(string hub, Lazy<Task<(SenderLink Link, Attach Answer)>> opening)
    {
        if (_senders.TryRemove(KeyValuePair.Create(hub, opening)) && opening is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            _ = HubLinks.CloseAsync(opening.Value.Result.Link, TimeSpan.Zero);
    }

    private async Task<Message> RequestAsync(string node, object? body, Dictionary<string, object> properties, string what, CancellationToken cancellationToken)
    {
        var name = $"{node}-{Guid.NewGuid():N}";
        var answered = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        ReceiverLink? receiver = null;
        SenderLink? sender = null;
        try
        {
            receiver = new ReceiverLink(
                _session, $"{name}-answer", new Attach { Source = new Source { Address = node }, Target = new Target { Address = name } }, null);
            receiver.AddClosedCallback((_, error) => answered.TrySetException(HubException.From(error, what)));

            // The codec wants its credit given before the answer comes.
            receiver.Start(1, (link, message) =>
            {
                link.Accept(message);
                answered.TrySetResult(message);
            });
            sender = new SenderLink(_session, $"{name}-request", node);
            var request = new Message
            {
                Properties = new Properties { MessageId = name, ReplyTo = name },
                ApplicationProperties = new ApplicationProperties(),
                BodySection = new AmqpValue { Value = body },
            };
            foreach (var (key, value) in properties)
                request.ApplicationProperties[key] = value;
            await sender.SendAsync(request, _timeout);
            var answer = await answered.Task.WaitAsync(_timeout, _clock, cancellationToken);
            var told = answer.ApplicationProperties ?? new ApplicationProperties();
            var status = Convert.ToInt32(told["status-code"] ?? told["statusCode"], CultureInfo.InvariantCulture);
            return status is >= 200 and < 300
                ? answer
                : throw HubException.From(status, told["status-description"] as string, what);
        }
        catch (Exception exception) when (HubException.IsLoss(exception))
        {
            throw HubException.From(exception, what);
        }
        finally
        {
            _ = answered.Task.ContinueWith(late => _ = late.Exception, TaskScheduler.Default);
            if (sender is not null)
                await HubLinks.CloseAsync(sender, TimeSpan.Zero);
            if (receiver is not null)
                await HubLinks.CloseAsync(receiver, TimeSpan.Zero);
        }
    }
}
