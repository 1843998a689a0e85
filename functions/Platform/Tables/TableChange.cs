using System.Text.Json.Nodes;

namespace DataPlatform.Tables;

/// <summary>What one commit does to a table.</summary>
public sealed record TableChange
{
    /// <summary>Delta's name of what is done: <c>WRITE</c>, <c>MERGE</c>, <c>CREATE OR REPLACE TABLE</c> …</summary>
    public required string Operation { get; init; }

    /// <summary>The columns this change writes. A table that does not exist yet is created with them; an existing one must be able to
    /// take them (new nullable columns are added when <see cref="AllowNewColumns"/>).</summary>
    public required IReadOnlyList<TableColumn> Columns { get; init; }

    /// <summary>The columns that <see cref="Add"/> is divided by. They become the table's when this change makes it or, with <see cref="RemoveAll"/>, replaces
    /// all of it; any other change must keep to those there are. Null keeps to them, and makes a table without.</summary>
    public IReadOnlyList<string>? PartitionColumns { get; init; }

    public IReadOnlyList<DataFile> Add { get; init; } = [];

    /// <summary>Paths of files to remove, as the log has them.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    /// <summary>Removes every file of the table (overwrite); the commit then replaces whatever version it lands on unless
    /// <see cref="ReadVersion"/> is given.</summary>
    public bool RemoveAll { get; init; }

    /// <summary>The version this change was computed from, -1 when there was no table. A data-changing commit behind it is a
    /// <see cref="CommitConflictException"/> (compute again), unless <see cref="ReadFiles"/> says that it could not matter. Null for blind appends,
    /// which never conflict.</summary>
    public long? ReadVersion { get; init; }

    /// <summary>Which files of <see cref="ReadVersion"/> the change was computed from, by their paths in the log; those it removes always
    /// count. Then only a commit that removes one of them, changes the table's columns, properties or protocol, or (when this one changes rows) brings rows
    /// that were not just appended, is a conflict: rows appended meanwhile stay as they are. Null: the whole table was read, and rows added meanwhile would
    /// have been too.</summary>
    public IReadOnlyList<string>? ReadFiles { get; init; }

    public bool AllowNewColumns { get; init; }

    /// <summary>Delta's <c>txn</c> actions: application id to version. They were computed from the table at <see cref="ReadVersion"/>,
    /// or at <see cref="SinceVersion"/> when that is null: a commit after it with one of these ids is a <see cref="CommitConflictException"/>.</summary>
    public IReadOnlyDictionary<string, long> Transactions { get; init; } = new Dictionary<string, long>();

    /// <summary>The batches this commit stores, for <c>commitInfo.batch</c> (always an array: waiting batches share a commit).</summary>
    public IReadOnlyList<CommittedBatch> Batches { get; init; } = [];

    /// <summary>Names the activity whose work this is, <c>{instance}/{step}</c>, for <c>commitInfo.operationId</c>: found again, it
    /// is not committed twice.</summary>
    public string? OperationId { get; init; }

    /// <summary>Where to start looking for <see cref="OperationId"/> and batch ids: commits after this version are read. -1 reads the
    /// whole log.</summary>
    public long SinceVersion { get; init; } = -1;

    /// <summary>False for commits that rearrange rows without changing them.</summary>
    public bool DataChange { get; init; } = true;

    /// <summary>What its rows were computed from, for <c>commitInfo.inputs</c> and <c>commitInfo.inputsBy</c>; null leaves those of the
    /// table as they are.</summary>
    public WriterInputs? Inputs { get; init; }

    /// <summary>What <c>commitInfo.operationParameters</c> says; null tells whether rows were appended or replaced.</summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>The older state of the table whose columns, properties and inputs the commit puts back; its files and transactions are in
    /// <see cref="Add"/>, <see cref="Remove"/> and <see cref="Transactions"/>.</summary>
    internal TableState? PutBack { get; init; }

    /// <summary>Ends the table: the commit takes all its rows and marks it as dropped.</summary>
    internal bool Drops { get; init; }

    /// <summary>More members for <c>commitInfo</c>. Changes with some (or with an <see cref="OperationId"/>, <see cref="Transactions"/> or
    /// <see cref="Inputs"/>) get a commit of their own.</summary>
    public JsonObject? Extra { get; init; }
}
