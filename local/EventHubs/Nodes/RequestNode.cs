using Amqp;
using Amqp.Framing;
using Amqp.Types;
using DataPlatform.Local.EventHubs.Protocol;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>A node of a connection that answers requests (<c>$cbs</c>, <c>$management</c>): links in, links back, and which belong together.</summary>
internal abstract class RequestNode
{
    private readonly List<(ReplyLink Link, string? Address)> _replies = [];

    /// <summary>A link on which requests come, or answers go.</summary>
    public AmqpLink Attach(LinkRequest request)
    {
        if (request.PeerSends)
            return new RequestLink(request, this);
        var link = new ReplyLink(request, this);
        lock (_replies)
            _replies.Add((link, request.PeerAddress));
        return link;
    }

    public void Remove(ReplyLink link)
    {
        lock (_replies)
            _replies.RemoveAll(reply => reply.Link == link);
    }

    /// <summary>Answers a request on the link that it names.</summary>
    /// <exception cref="AmqpFaultException">There is no such link, or the request is none.</exception>
    public void Process(Message request)
    {
        var replyTo = request.Properties?.ReplyTo;
        var answer = Answer(request.ApplicationProperties?.Map ?? [], request.Body);
        var properties = new ApplicationProperties { Map = { ["status-code"] = answer.Status, ["status-description"] = answer.Description } };
        if (answer.Condition is { } condition)
            properties["error-condition"] = new Symbol(condition);
        Find(replyTo).Reply(new Message
        {
            // Some clients look for their own id by one name, some by the other.
            Properties = new Properties { CorrelationId = request.Properties?.MessageId ?? request.Properties?.CorrelationId },
            ApplicationProperties = properties,
            BodySection = new AmqpValue { Value = answer.Body },
        });
    }

    /// <param name="properties">The request's application properties.</param>
    protected abstract RequestAnswer Answer(Map properties, object? body);

    /// <summary>Some clients name the link back by its address, some by its name; some have only one.</summary>
    private ReplyLink Find(string? replyTo)
    {
        lock (_replies)
        {
            foreach (var (link, address) in _replies)
            {
                if (replyTo is null || address == replyTo || link.Name == replyTo)
                    return link;
            }
        }

        throw new AmqpFaultException(ErrorCode.NotFound, $"There is no link to answer on: reply-to is '{replyTo}'.");
    }
}
