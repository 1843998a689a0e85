using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts the function by a schedule: six-field NCRONTAB, a <see cref="TimeSpan"/>, or <c>%setting%</c>.</summary>
public sealed class TimerTriggerAttribute : TriggerBindingAttribute
{
    public TimerTriggerAttribute(string schedule)
    {
        Schedule = schedule;
    }

    public string Schedule { get; }

    public bool RunOnStartup { get; set; }

    /// <summary>Whether the schedule is kept over restarts, so that a missed run is made up for.</summary>
    public bool UseMonitor { get; set; } = true;
}
