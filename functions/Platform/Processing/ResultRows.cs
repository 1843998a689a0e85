using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>A step's staged result, told apart by what becomes of its rows. Each part is a SELECT.</summary>
internal sealed class ResultRows
{
    /// <summary>The column that names the expectations a quarantined row breaks.</summary>
    public const string BrokenColumn = "_expectations";

    private readonly string _columns;
    private readonly string _all;
    private readonly string? _deleteWhen;
    private readonly IReadOnlyList<string> _key;
    private readonly IReadOnlyList<ExpectationDefinition> _quarantining;

    /// <exception cref="TerminalException"><c>InvalidKey</c>, <c>MissingDeleteWhen</c>.</exception>
    public ResultRows(CompiledStep step, StagedFiles result)
    {
        _key = step.Mode == StepMode.Merge ? step.Key : [];
        if (_key.FirstOrDefault(name => !result.Columns.Any(column => Same(column.Name, name))) is { } unknown)
            throw new TerminalException(
                FailureKind.Unprocessable, "InvalidKey", $"Step '{step.Name}' merges by '{unknown}', which its result does not have: select it, or correct 'key'.", step.Name);

        var hasChanges = step.OnSourceChange == SourceChange.Changes;
        var tellsChanges = hasChanges && result.Columns.Any(column => Same(column.Name, SystemColumns.ChangeType));
        if (hasChanges && !tellsChanges && step.DeleteWhen is null)
            throw new TerminalException(
                FailureKind.Unprocessable,
                "MissingDeleteWhen",
                $"Step '{step.Name}' reads changes, but its result does not tell which rows were deleted: select {SystemColumns.ChangeType}, or say in 'deleteWhen' which rows delete their key.",
                step.Name);

        Columns = tellsChanges ? [.. result.Columns.Where(column => !Same(column.Name, SystemColumns.ChangeType))] : result.Columns;
        _columns = SqlText.Identifiers(Columns.Select(column => column.Name));
        _all = SqlText.Relation(result.Columns, [.. result.Files.Select(file => file.LocalPath)], complete: true);
        _deleteWhen = step.DeleteWhen is { } deleteWhen ? step.Written(deleteWhen) : tellsChanges ? $"{SystemColumns.ChangeType} = 'delete'" : null;
        _quarantining =
        [
            .. step.Expectations.Where(expectation => expectation is { OnFail: ExpectationAction.Quarantine, Condition: not null })
                .Select(expectation => expectation with { Condition = step.Written(expectation.Condition!) }),
        ];
        IsKept = _quarantining.Count == 0 ? "true" : string.Join(" AND ", _quarantining.Select(expectation => $"NOT {Breaks(expectation.Condition!)}"));
        IsWhole = _deleteWhen is null && !tellsChanges;
        Count = result.Rows;
    }

    /// <summary>The columns of the rows to write.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Whether all rows are to be written as they are, unless some are quarantined.</summary>
    public bool IsWhole { get; }

    /// <summary>All rows of the result.</summary>
    public long Count { get; }

    /// <summary>A condition: the row breaks no expectation that quarantines.</summary>
    public string IsKept { get; }

    /// <summary>The rows that expectations are about: all but those that delete.</summary>
    public string Checked => _deleteWhen is null ? _all : $"SELECT * FROM ({_all}) WHERE (\n{_deleteWhen}\n) IS NOT TRUE";

    public string Written => $"SELECT {_columns} FROM ({Checked}) WHERE {IsKept}";

    /// <summary>The keys to delete; null when rows of this step delete nothing.</summary>
    public string? Deleted => _deleteWhen is null
        ? null
        : $"SELECT DISTINCT {SqlText.Identifiers(_key)} FROM ({_all}) WHERE (\n{_deleteWhen}\n) IS TRUE AND {string.Join(" AND ", _key.Select(key => $"{SqlText.Identifier(key)} IS NOT NULL"))}";

    public string Quarantined
    {
        get
        {
            var names = string.Join(", ", _quarantining.Select(expectation => $"if({Breaks(expectation.Condition!)}, {SqlText.Literal(expectation.Name)}, NULL)"));
            return $"SELECT {_columns}, list_filter([{names}], name -> name IS NOT NULL) AS {BrokenColumn} FROM ({Checked}) WHERE NOT ({IsKept})";
        }
    }

    /// <summary>NULL counts as broken.</summary>
    public static string Breaks(string condition) => $"((\n{condition}\n) IS NOT TRUE)";

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
