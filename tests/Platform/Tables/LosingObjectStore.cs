using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>A store whose network fails as a test asks.</summary>
internal sealed class LosingObjectStore(IObjectStore inner) : WrappedObjectStore(inner)
{
    private readonly TaskCompletionSource _putReached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _puts;

    /// <summary>Decides by the number of the put, from 1: what happens to it.</summary>
    public Func<int, Loss> OnPut { get; set; } = _ => Loss.None;

    /// <summary>Awaited before each put.</summary>
    public Func<int, Task> BeforePut { get; set; } = _ => Task.CompletedTask;

    public int FailingReads { get; set; }

    /// <summary>Ends when the first put has come.</summary>
    public Task PutReached => _putReached.Task;

    public override async Task<ObjectInfo?> TryPutAsync(
        LakePath path, ReadOnlyMemory<byte> content, PutCondition condition, string? contentType, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _puts);
        _putReached.TrySetResult();
        await BeforePut(number);
        var loss = OnPut(number);
        if (loss == Loss.Request)
            throw new TransientException("The request was lost.");
        if (loss == Loss.Refusal)
            return null;

        var result = await base.TryPutAsync(path, content, condition, contentType, cancellationToken);
        return loss == Loss.Answer ? throw new TransientException("The answer was lost.") : result;
    }

    public override Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken)
    {
        if (FailingReads > 0)
        {
            FailingReads--;
            throw new TransientException("The store does not answer.");
        }

        return base.OpenReadAsync(path, range, cancellationToken);
    }
}
