using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>What a function is started by: the attribute with its settings filled in.</summary>
internal sealed record HubTrigger(FunctionDescriptor Function, HubConnectionString Connection, string Hub, string ConsumerGroup, bool IsBatched)
{
    public const string DefaultConsumerGroup = "$Default";

    /// <returns>Null when something is wrong, which is reported.</returns>
    public static HubTrigger? TryCreate(FunctionDescriptor function, IConfiguration settings, StartErrors errors)
    {
        var attribute = (EventHubTriggerAttribute)function.TriggerAttribute;
        var name = attribute.Connection ?? HubConnections.Default;
        var (hub, hubProblem) = SettingReferences.Resolve("event hub", attribute.EventHubName, settings);
        var (group, groupProblem) = SettingReferences.Resolve("consumer group", attribute.ConsumerGroup ?? DefaultConsumerGroup, settings);
        var (connection, connectionProblem) = HubConnections.Read(settings, name);
        foreach (var problem in new[] { hubProblem, groupProblem }.OfType<string>())
        {
            errors.Add(function.Name, problem, "write the name, or set the setting");
        }

        if (connectionProblem is not null)
        {
            errors.Add(function.Name, connectionProblem, $"write a connection string in the setting {name}");
        }

        // As the official host has it: the entity path goes before the attribute.
        return hub is null || group is null || connection is null
            ? null
            : new HubTrigger(function, connection, connection.EntityPath ?? hub, group, attribute.IsBatched);
    }
}
