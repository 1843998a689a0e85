namespace Microsoft.Azure.Functions.Worker;

/// <summary>The kept state of a monitored schedule.</summary>
public class ScheduleStatus
{
    public DateTime Last { get; set; }

    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
