using DataPlatform.Catalog;
using DataPlatform.Sql;

namespace DataPlatform.Processing.Lineage;

/// <summary>A step's SQL with all that decides besides which of its rows come into the table. It is read for its lineage only.</summary>
internal static class StepSelect
{
    public static string Of(string sql, SourceChange onSourceChange, string? deleteWhen, IReadOnlyList<ExpectationDefinition> expectations)
    {
        var readsChanges = onSourceChange == SourceChange.Changes;
        var change = SqlText.Identifier(SystemColumns.ChangeType);
        var deletes = deleteWhen ?? (readsChanges ? $"{change} = 'delete'" : null);
        var conditions = expectations
            .Where(expectation => expectation is { OnFail: ExpectationAction.Quarantine, Condition: not null })
            .Select(expectation => expectation.Condition)
            .Concat(deletes is null ? [] : [deletes])
            .Select(condition => $"(\n{condition}\n)")
            .ToList();
        var text = sql.TrimEnd().TrimEnd(';');
        return conditions.Count == 0
            ? text
            : $"SELECT *{(readsChanges ? $" EXCLUDE ({change})" : "")} FROM (\n{text}\n) WHERE {string.Join(" AND ", conditions)}";
    }
}
