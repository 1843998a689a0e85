using System.Reflection;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging;

namespace DataPlatform.App.Tests;

/// <summary>Operators filter by event id, so each means one thing.</summary>
public sealed class LogTests
{
    [Fact]
    public void Every_event_id_is_used_once()
    {
        var messages = new[] { typeof(LakePath).Assembly, typeof(Microsoft.Azure.Functions.Worker.FunctionContext).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => (Name: $"{method.DeclaringType}.{method.Name}", method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(message => message.EventId is not null)
            .ToList();

        Assert.NotEmpty(messages);
        Assert.Empty(messages.GroupBy(message => message.EventId).Where(same => same.Count() > 1).Select(same => string.Join(", ", same)));
    }
}
