using DataPlatform.Catalog;

namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>A step twice: in SQL for the platform, and as what it means.</summary>
/// <param name="New">Tables read as <c>new.X</c>.</param>
/// <param name="Whole">Tables read whole.</param>
/// <param name="Compute">From the rows of the tables it reads, by name, to those of its result.</param>
/// <param name="Key">Of a merge: the columns, and what they are in a row.</param>
public sealed record ModelStep(
    string Name,
    string Target,
    StepMode Mode,
    string Sql,
    string[] New,
    string[] Whole,
    Func<IReadOnlyDictionary<string, IReadOnlyList<ModelRow>>, IEnumerable<ModelRow>> Compute,
    string[]? KeyColumns = null,
    Func<ModelRow, object>? Key = null,
    SourceChange OnSourceChange = SourceChange.Fail)
{
    public string Json(string more = "") =>
        $$"""
        { "name": "{{Name}}", "target": "{{Target}}", "mode": "{{Mode.ToString().ToLowerInvariant()}}", "sql": "{{Sql}}"
          {{(KeyColumns is null ? "" : $", \"key\": [{string.Join(", ", KeyColumns.Select(column => $"\"{column}\""))}]")}}, "onSourceChange": "{{OnSourceChange.ToString().ToLowerInvariant()}}" {{more}} }
        """;
}
