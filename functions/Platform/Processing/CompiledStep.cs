using DataPlatform.Catalog;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>A step whose SQL was inspected.</summary>
/// <param name="Sql">One SELECT that can be put between parentheses.</param>
/// <param name="NewSources">Tables read as <c>new.X</c>.</param>
/// <param name="Sources">Tables read whole.</param>
public sealed record CompiledStep(
    string Name,
    TableName Target,
    StepMode Mode,
    StepParallelism Parallel,
    string Sql,
    IReadOnlyList<string> Key,
    IReadOnlyList<ExpectationDefinition> Expectations,
    IReadOnlyList<TableName> NewSources,
    IReadOnlyList<TableName> Sources)
{
    public SourceChange OnSourceChange { get; init; }

    /// <summary>A SELECT that counts the rows of the <c>new.</c> source which inner joins drop; null when that is not told.</summary>
    public string? Unmatched { get; init; }

    /// <summary>Of a merge: which rows of the result delete their key; null for none by their contents.</summary>
    public string? DeleteWhen { get; init; }

    /// <summary>The parameters that its SQL names, in a run with their values.</summary>
    public IReadOnlyList<StepParameter> Parameters { get; init; } = [];

    /// <summary>The parameters that its expectations and <see cref="DeleteWhen"/> name, in a run with their values.</summary>
    public IReadOnlyList<StepParameter> ConditionParameters { get; init; } = [];

    /// <summary>For <see cref="StepParallelism.Keys"/>: how its input is divided.</summary>
    public StepSplit? Split { get; init; }

    /// <summary>The columns that the target's files are divided by.</summary>
    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    /// <summary>Null for what holds everywhere.</summary>
    public RetryDefinition? Retry { get; init; }

    /// <summary>Null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>An expectation's or the delete condition's SQL, as the engine takes it: with the values of its parameters.</summary>
    /// <exception cref="Failures.TerminalException"><c>MissingParameter</c>.</exception>
    internal string Written(string condition) => ConditionParameters.Count == 0
        ? condition
        : ParameterPlaces.Written(condition, name => ConditionParameters.First(parameter => parameter.Name == name).ToSql());
}
