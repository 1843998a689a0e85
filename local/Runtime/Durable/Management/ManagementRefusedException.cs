using System.Diagnostics.CodeAnalysis;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>A request that gets an error: its status and message are the answer.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Without a status there is no answer.")]
internal sealed class ManagementRefusedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;
}
