using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>A durable call that has not come back yet.</summary>
internal sealed class OpenTask(string name, int taskId)
{
    // Continuations run at once, on the turn's thread: that is the order that replay repeats.
    private readonly TaskCompletionSource<string?> _source = new();

    public Task<string?> Result => _source.Task;

    public void Complete(string? payload) => _source.TrySetResult(payload);

    public void Fail(TaskFailureDetails failure) => _source.TrySetException(new TaskFailedException(name, taskId, failure));

    public bool Cancel(CancellationToken cancellationToken) => _source.TrySetCanceled(cancellationToken);
}
