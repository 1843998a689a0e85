using Amqp.Types;
using DataPlatform.Local.EventHubs.Security;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Takes the tokens that make a connection's links possible (claims-based security).</summary>
internal sealed class CbsNode(ConnectionRights rights) : RequestNode
{
    private const string SasType = "servicebus.windows.net:sastoken";

    protected override RequestAnswer Answer(Map properties, object? body)
    {
        if (properties["operation"] as string != "put-token")
            return new RequestAnswer(400, "The operation must be put-token.");
        if (properties["type"] as string is var type && type != SasType)
            return new RequestAnswer(400, $"The token type '{type}' is not known here; use '{SasType}'.");
        if (properties["name"] is not string { Length: > 0 } audience || body is not string token)
            return new RequestAnswer(400, "A token needs its audience in 'name' and itself in the body.");
        return rights.Grant(audience, token)
            ? new RequestAnswer(202, "Accepted")
            : new RequestAnswer(401, "InvalidSignature: The token has an invalid signature, is for something else, or has expired.", Condition: global::Amqp.ErrorCode.UnauthorizedAccess);
    }
}
