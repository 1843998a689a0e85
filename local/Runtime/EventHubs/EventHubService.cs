using Azure.Messaging.EventHubs;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Checks the functions that events start, and feeds them while the host is up.</summary>
internal sealed class EventHubService(IConfiguration settings) : IFunctionValidator, IHostedService
{
    private readonly List<HubTrigger> _triggers = [];

    public void Validate(FunctionCatalog catalog, StartErrors errors)
    {
        foreach (var function in catalog.Of(TriggerKind.EventHub))
        {
            if (HubTrigger.TryCreate(function, settings, errors) is { } trigger)
            {
                CheckParameter(trigger, errors);
                _triggers.Add(trigger);
            }

            RetryDelays.Check(function, errors);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void CheckParameter(HubTrigger trigger, StartErrors errors)
    {
        var expected = trigger.IsBatched ? typeof(EventData[]) : typeof(EventData);
        var type = trigger.Function.TriggerParameter.ParameterType;
        if (type != expected)
        {
            errors.Add(trigger.Function.Name, $"its trigger parameter is {type.Name}", $"take {expected.Name}, or set IsBatched to {(trigger.IsBatched ? "false" : "true")}");
        }
    }
}
