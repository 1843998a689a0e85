using System.Text.Json.Serialization;

namespace DataPlatform.Operations;

/// <summary>Where a run, or a step of one, stands. Written in JSON as named here.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    NotStarted,
    Running,
    Succeeded,
    Failed,
    Canceled,

    /// <summary>Of a step only: there was nothing to do; the step's note says why.</summary>
    Skipped,
}
