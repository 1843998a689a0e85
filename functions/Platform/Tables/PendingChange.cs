using System.Diagnostics;

namespace DataPlatform.Tables;

/// <summary>A change whose caller waits.</summary>
internal sealed class PendingChange(TableName table, TableChange change, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<Commit> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _since = Stopwatch.GetTimestamp();
    private CommitConflictException? _conflict;
    private HashSet<string>? _touched;

    public TableChange Change { get; } = change;

    /// <summary>The commits up to this version were searched for this change's work and for conflicts with it.</summary>
    public long SearchedTo { get; private set; } = Math.Max(
        -1,
        change is { OperationId: null, Batches.Count: 0 }
            ? change.ReadVersion ?? change.SinceVersion
            : Math.Min(change.SinceVersion, change.ReadVersion ?? long.MaxValue));

    public Task<Commit> Outcome => _outcome.Task;

    public bool IsDone => _outcome.Task.IsCompleted;

    public bool IsCanceled => cancellationToken.IsCancellationRequested;

    public TimeSpan Waited => Stopwatch.GetElapsedTime(_since);

    /// <summary>True for changes that depend on nothing that other changes do: they may share a commit.</summary>
    public bool IsBlindAppend =>
        Change is { ReadVersion: null, RemoveAll: false, Remove.Count: 0, OperationId: null, Extra: null, Inputs: null, PutBack: null, Transactions.Count: 0 };

    public bool NeedsSearch =>
        Change is { OperationId: not null } or { ReadVersion: not null } or { Batches.Count: > 0 } or { Transactions.Count: > 0 };

    private long ComputedFrom => Change.ReadVersion ?? Change.SinceVersion;

    /// <summary>What was committed to another table of the name, before this one was made, is no business of the change.</summary>
    /// <param name="first">The first version of the table.</param>
    public void BeginAt(long first)
    {
        if (SearchedTo < 0)
            SearchedTo = Math.Max(SearchedTo, first - 1);
    }

    public void Complete(Commit commit) => _outcome.TrySetResult(commit);

    public void Fail(Exception exception) => _outcome.TrySetException(exception);

    public void Cancel() => _outcome.TrySetCanceled(cancellationToken);

    /// <summary>Looks at a commit that came after what this change knows of. Its work found in there completes it; a conflict is kept for
    /// <see cref="EndSearch"/>, since a later commit may still hold the work.</summary>
    public void Search(LogEntry entry)
    {
        if (entry.Version <= SearchedTo)
            return;

        SearchedTo = entry.Version;
        var commit = entry.Commit;
        if ((Change.OperationId is { } operation && commit.OperationId == operation)
            || (Change.Batches.Count > 0 && commit.Batches.Any(committed => Change.Batches.Any(batch => batch.Id == committed.Id))))
        {
            Complete(commit);
        }
        else if (commit.Version > ComputedFrom && Clash(entry) is { } clash)
        {
            _conflict ??= new CommitConflictException(table.Name, ComputedFrom, commit.Version, clash);
        }
    }

    /// <summary>What makes a commit behind the version this change was computed from a conflict: Delta's rules for writes that are serializable
    /// but for blind appends ("WriteSerializable").</summary>
    private string? Clash(LogEntry entry)
    {
        if (Change.Transactions.Keys.FirstOrDefault(entry.Transactions.ContainsKey) is { } transaction)
            return $"another writer advanced the transaction '{transaction}'";
        if (Change.ReadVersion is null)
            return null;
        if (entry.Protocol is not null || entry.Metadata is not null)
            return "the table's columns, properties or protocol changed";
        if (entry.Commit.Removed.FirstOrDefault(file => Touches(file.Path)) is { } removed)
            return $"the file '{removed.Path}' that it read was removed";
        if (Change.ReadFiles is null)
            return entry.Commit.DataChange ? "rows came or went that it had to see" : null;

        // Rows that were changed there could meet its condition now, and it may have changed those that the other was computed from: neither order of
        // the two gives what both would leave. What was added without a look at the table might as well have come later.
        return ChangesRows && entry.Commit is { DataChange: true, Added.Count: > 0 } && !entry.IsBlindAppend
            ? $"rows came by a {entry.Commit.Operation} that it had to see"
            : null;
    }

    /// <summary>Neither an append, which reads nothing, nor a compaction, whose rows stay what they are.</summary>
    private bool ChangesRows => Change is { DataChange: true } and ({ Remove.Count: > 0 } or { ReadFiles.Count: > 0 });

    private bool Touches(string path)
    {
        _touched ??= Change.Remove.Concat(Change.ReadFiles ?? []).Select(DataFiles.Decode).ToHashSet(StringComparer.Ordinal);
        return _touched.Contains(DataFiles.Decode(path));
    }

    /// <summary>To be called when all commits were searched: a change whose work is in none of them fails on its conflict.</summary>
    public void EndSearch()
    {
        if (_conflict is not null)
            Fail(_conflict);
    }
}
