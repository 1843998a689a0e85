namespace Microsoft.Azure.Functions.Worker;

/// <summary>The addresses by which an instance can be asked and steered over HTTP. Whoever has them may do so: they hold the key, where there
/// is one.</summary>
public class HttpManagementPayload
{
    public string? Id { get; internal set; }

    public string? StatusQueryGetUri { get; internal set; }

    /// <summary>With <c>{eventName}</c> to be replaced.</summary>
    public string? SendEventPostUri { get; internal set; }

    /// <summary>With <c>{text}</c> to be replaced by the reason.</summary>
    public string? TerminatePostUri { get; internal set; }

    /// <summary>Null: the local runtime does not rewind.</summary>
    public string? RewindPostUri { get; internal set; }

    public string? PurgeHistoryDeleteUri { get; internal set; }

    /// <summary>Null: the local runtime does not restart.</summary>
    public string? RestartPostUri { get; internal set; }

    /// <summary>With <c>{text}</c> to be replaced by the reason.</summary>
    public string? SuspendPostUri { get; internal set; }

    /// <summary>With <c>{text}</c> to be replaced by the reason.</summary>
    public string? ResumePostUri { get; internal set; }
}
