using Amqp;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Tests;

internal static class MessageExtensions
{
    public static Message With(this Message message, Map properties)
    {
        foreach (var (name, value) in properties)
            message.ApplicationProperties[name] = value;
        return message;
    }
}
