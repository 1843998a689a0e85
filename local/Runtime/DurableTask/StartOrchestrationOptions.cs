using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Microsoft.DurableTask;

public record StartOrchestrationOptions
{
    [SuppressMessage("Style", "IDE1006:Naming Styles", Justification = "The official signature.")]
    public StartOrchestrationOptions(string? InstanceId = null, DateTimeOffset? StartAt = null)
    {
        this.InstanceId = InstanceId;
        this.StartAt = StartAt;
    }

    public StartOrchestrationOptions(StartOrchestrationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        InstanceId = options.InstanceId;
        StartAt = options.StartAt;
        Tags = options.Tags;
        Version = options.Version;
        DedupeStatuses = options.DedupeStatuses;
    }

    /// <summary>A fresh id when null. Ids that begin with @ are refused.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The earliest time of the first turn; at once when null.</summary>
    public DateTimeOffset? StartAt { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = ImmutableDictionary<string, string>.Empty;

    public TaskVersion? Version { get; init; }

    /// <summary>Names of the statuses in which an instance of the same id is kept and the start refused. In any other it is replaced, and
    /// terminated for that if it goes on. Null keeps what goes on and replaces what has ended.</summary>
    public IReadOnlyList<string>? DedupeStatuses { get; init; }
}
