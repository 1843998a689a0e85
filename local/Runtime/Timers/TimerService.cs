using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Timers;

/// <summary>Checks the timer functions at start and runs them while the host is up.</summary>
internal sealed class TimerService(
    RetryingInvoker invoker,
    TimerStore store,
    IConfiguration settings,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<TimerService> logger) : IFunctionValidator, IHostedService, IDisposable
{
    private const string ZoneSetting = "WEBSITE_TIME_ZONE";
    private readonly List<TimerLoop> _loops = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Validate(FunctionCatalog catalog, StartErrors errors)
    {
        var functions = catalog.Of(TriggerKind.Timer).ToList();
        if (functions.Count > 0 && settings[ZoneSetting] is { } zone and not "UTC")
        {
            errors.AddSetting(
                ZoneSetting,
                $"'{zone}' is not possible on every hosting plan, and timers run in UTC here",
                "remove it and write schedules in UTC");
        }

        foreach (var function in functions)
        {
            if (function.TriggerParameter.ParameterType != typeof(TimerInfo))
            {
                errors.Add(function.Name, $"its trigger parameter is {function.TriggerParameter.ParameterType.Name}", "take TimerInfo");
            }

            var (schedule, problem) = TimerSchedule.Parse(((TimerTriggerAttribute)function.TriggerAttribute).Schedule, settings);
            if (schedule is null)
            {
                errors.Add(function.Name, problem!, "write six fields, such as '0 */5 * * * *', or %setting%");
            }
            else
            {
                _loops.Add(new TimerLoop(function, schedule, invoker, store, clock, logger));
            }

            RetryDelays.Check(function, errors);
        }
    }

    /// <summary>Nothing runs before the whole host is up: a start that is refused has run nothing.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => _running = Task.WhenAll(_loops.Select(loop => Task.Run(() => loop.RunAsync(_stopping.Token)))));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();
}
