using System.Diagnostics.CodeAnalysis;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>A request that gets an error: its status and message are the answer.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Without a status there is no answer.")]
internal sealed class ManagementRefusedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>What exactly was wrong, beside the message.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether the answer is the message alone, a JSON string. The official host writes some of its errors so.</summary>
    public bool IsBare { get; init; }
}
