using DataPlatform.Catalog;

namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>Pipelines of every kind over the sources <c>x</c>, <c>y</c>, <c>d</c>, and <c>u</c>, whose ids come once each.</summary>
public static class ModelPipelines
{
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<ModelStep>> All = new Dictionary<string, IReadOnlyList<ModelStep>>
    {
        ["copy"] = [new("s", "copied", StepMode.Append, "SELECT * FROM new.x", ["x"], [], read => read["x"])],
        ["join"] =
        [
            new("s", "joined", StepMode.Append, "SELECT x.id, x.v, d.v AS extra FROM new.x AS x JOIN d ON d.id = x.id", ["x"], ["d"], Join),
        ],
        ["both"] =
        [
            new(
                "s", "united", StepMode.Append, "SELECT id, v FROM new.x UNION ALL SELECT id, v FROM new.y", ["x", "y"], [],
                read => read["x"].Concat(read["y"]).Select(Short)),
        ],
        ["latest"] =
        [
            new(
                "s", "latest_x", StepMode.Merge, "SELECT id, max(v) AS v FROM new.x GROUP BY id", ["x"], [],
                read => Greatest(read["x"]), ["id"], row => row.Id!),
        ],
        ["each"] =
        [
            new(
                "s", "latest_each", StepMode.Merge,
                "SELECT id, max(v) AS v, 'x' AS text FROM new.x GROUP BY id UNION ALL SELECT id, max(v), 'y' FROM new.y GROUP BY id", ["x", "y"], [],
                read => Greatest(read["x"]).Select(row => row with { Text = "x" }).Concat(Greatest(read["y"]).Select(row => row with { Text = "y" })),
                ["text", "id"], row => (row.Text, row.Id)),
        ],
        ["skip"] =
        [
            new("s", "skipped", StepMode.Append, "SELECT id, v FROM new.x", ["x"], [], read => read["x"].Select(Short), OnSourceChange: SourceChange.Skip),
        ],
        ["follow"] =
        [
            new(
                "s", "followed", StepMode.Merge, "SELECT id, v, _change_type FROM new.u", ["u"], [], read => read["u"].Select(Short),
                ["id"], row => row.Id!, SourceChange.Changes),
        ],
        ["replace"] = [new("s", "newest", StepMode.Overwrite, "SELECT id, v FROM new.y", ["y"], [], read => read["y"].Select(Short))],
        ["whole"] =
        [
            new(
                "s", "sums", StepMode.Overwrite, "SELECT id, CAST(sum(v) AS BIGINT) AS v, count(*) AS extra FROM x GROUP BY id", [], ["x"],
                read => read["x"].GroupBy(row => row.Id).Select(group => new ModelRow(group.Key, group.Sum(row => row.V), group.Count()))),
        ],
        ["chain"] =
        [
            new("a", "chain_a", StepMode.Append, "SELECT id, v + 1 AS v FROM new.y", ["y"], [], read => read["y"].Select(row => new ModelRow(row.Id, row.V + 1))),
            new(
                "b", "chain_b", StepMode.Merge, "SELECT id, CAST(sum(v) AS BIGINT) AS v FROM chain_a GROUP BY id", [], ["chain_a"],
                read => read["chain_a"].GroupBy(row => row.Id).Select(group => new ModelRow(group.Key, group.Sum(row => row.V))), ["id"], row => row.Id!),
            new("c", "chain_c", StepMode.Append, "SELECT id, v FROM new.chain_a WHERE v % 2 = 0", ["chain_a"], [], read => read["chain_a"].Where(row => row.V % 2 == 0)),
        ],
    };

    private static ModelRow Short(ModelRow row) => new(row.Id, row.V);

    private static IEnumerable<ModelRow> Greatest(IEnumerable<ModelRow> rows) =>
        rows.GroupBy(row => row.Id).Select(group => new ModelRow(group.Key, group.Max(row => row.V)));

    private static IEnumerable<ModelRow> Join(IReadOnlyDictionary<string, IReadOnlyList<ModelRow>> read) =>
        from x in read["x"]
        from d in read["d"]
        where x.Id == d.Id
        select new ModelRow(x.Id, x.V, d.V);
}
