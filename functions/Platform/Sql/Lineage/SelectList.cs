using System.Text.Json;

namespace DataPlatform.Sql.Lineage;

/// <summary>The items of a SELECT, one after another: each sees the names of those before it.</summary>
internal sealed class SelectList(ExpressionFlows expressions, Scope scope)
{
    private const string NotFollowed = "COLUMNS and * within expressions are not followed";

    private readonly List<(OutputColumn Column, bool IsPlain)> _columns = [];
    private Func<string, Flow>? _rest;

    public void Add(JsonElement item)
    {
        var kind = item.Text("class");
        if (kind == "STAR" && item.Node("expr") is null)
        {
            AddStar(item);
        }
        else if (item.HasStar())
        {
            _rest = _ => Flow.NotKnown(NotFollowed);
        }
        else
        {
            var alias = item.Text("alias");
            var found = kind == "COLUMN_REF" ? expressions.Column(item.Names("column_names"), scope) : null;
            var flow = found?.Flow ?? expressions.Of(item, scope);
            _columns.Add((new OutputColumn(alias.Length > 0 ? alias : found?.Name ?? "", flow), !expressions.Aggregates(item)));
            if (alias.Length > 0)
                scope.Name(alias, flow);
        }
    }

    public QueryLineage Result() => new([.. _columns.Select(item => item.Column)], Flow.None, _rest);

    /// <summary>The item that a GROUP BY names by its place.</summary>
    /// <returns>Null when it names none so.</returns>
    public Flow? Place(JsonElement group) => group.Text("class") != "CONSTANT" || group.Position() is not { } place ? null
        : _rest is null && place >= 1 && place <= _columns.Count ? _columns[place - 1].Column.Flow
        : Flow.NotKnown($"the column at place {place} is not known");

    /// <summary>What GROUP BY ALL groups by: the items that aggregate nothing.</summary>
    public IEnumerable<Flow> Plain() => _columns.Where(item => item.IsPlain).Select(item => item.Column.Flow);

    private void AddStar(JsonElement star)
    {
        var relation = star.Text("relation_name");
        var excluded = star.Names("exclude_list").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var excludedOf = star.List("qualified_exclude_list").Select(Key).ToHashSet();
        var renamed = star.List("rename_list").ToDictionary(entry => Key(entry.GetProperty("key")), entry => entry.Text("value"));
        var replaced = star.List("replace_list").ToDictionary(
            entry => entry.Text("key"), entry => entry.GetProperty("value"), StringComparer.OrdinalIgnoreCase);
        foreach (var (from, column) in scope.From.Star(relation))
        {
            var (bare, full) = (("", column.Name.ToLowerInvariant()), (from.Name.ToLowerInvariant(), column.Name.ToLowerInvariant()));
            if (excluded.Contains(column.Name) || excludedOf.Contains(bare) || excludedOf.Contains(full))
                continue;
            var shown = replaced.TryGetValue(column.Name, out var expression) ? column with { Flow = expressions.Of(expression, scope) }
                : renamed.TryGetValue(full, out var name) || renamed.TryGetValue(bare, out name) ? column with { Name = name }
                : column;
            _columns.Add((shown, true));
        }

        var open = scope.From.Relations.Where(own =>
            own.Rest is not null && (relation.Length == 0 || own.Name.Equals(relation, StringComparison.OrdinalIgnoreCase))).ToList();
        if (open.Count > 0)
            _rest = Rest(open, excluded.Count + excludedOf.Count + renamed.Count + replaced.Count > 0);
        if (relation.Length > 0 && scope.From.FindRelation(relation) is null)
            _rest = _ => Flow.NotKnown($"'{relation}.*' is not followed");
    }

    private Func<string, Flow> Rest(IReadOnlyList<Relation> open, bool isChanged)
    {
        if (_rest is null && open is [var only] && !isChanged)
            return only.Rest!;
        var names = string.Join(", ", open.Select(relation => $"'{relation.Name}'"));
        return _ => Flow.NotKnown($"the columns of {names} are not known");
    }

    private static (string Table, string Column) Key(JsonElement name) => (name.Text("table").ToLowerInvariant(), name.Text("column").ToLowerInvariant());
}
