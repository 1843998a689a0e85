namespace DataPlatform.Catalog;

/// <summary>One SQL query and the warehouse table it writes.</summary>
public sealed record StepDefinition
{
    /// <summary>Unique within the pipeline.</summary>
    public required string Name { get; init; }

    /// <summary>The warehouse table, made by its first run.</summary>
    public required string Target { get; init; }

    public StepMode Mode { get; init; } = StepMode.Append;

    public StepParallelism Parallel { get; init; } = StepParallelism.None;

    /// <summary>For <see cref="StepParallelism.Keys"/>: the columns of the split table whose equal values come to the same activity.</summary>
    public IReadOnlyList<string> SplitBy { get; init; } = [];

    /// <summary>For <see cref="StepParallelism.Keys"/>: how many activities; null decides by the input's size.</summary>
    public int? Partitions { get; init; }

    /// <summary>Null takes the pipeline's.</summary>
    public RetryDefinition? Retry { get; init; }

    /// <summary>How long a run may work on the step; null takes the pipeline's.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>One SELECT. <c>new.X</c> stands for the rows inserted into X since this step's last run, <c>X</c> for the whole table.</summary>
    public required string Sql { get; init; }

    /// <summary>Columns that identify a row, for <see cref="StepMode.Merge"/>.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>Columns of the result that the target's files are divided by; fixed when the target is made.</summary>
    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    public SourceChange OnSourceChange { get; init; } = SourceChange.Fail;

    /// <summary>For <see cref="StepMode.Merge"/>: a SQL boolean over the result's columns. Rows that meet it delete their key.</summary>
    public string? DeleteWhen { get; init; }

    public IReadOnlyList<ExpectationDefinition> Expectations { get; init; } = [];
}
