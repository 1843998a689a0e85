using System.Globalization;

namespace DataPlatform.Ingestion.Quarantine;

public sealed class DamageRepairTests
{
    private const string Contract = """
        { "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "day", "type": "date"}, {"name": "amount", "type": "decimal(10,2)"},
                      {"name": "ok", "type": "bool"}, {"name": "kind", "type": "string", "enum": ["red", "blue"]} ] }
        """;

    // How a value is spoiled, and what mends it.
    private static readonly (string Column, Func<string, string> Spoil, string Member, string Mend)[] Damages =
    [
        ("day", text => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture).ToString("dd.MM.yyyy", CultureInfo.InvariantCulture), "formats", """["d.M.yyyy"]"""),
        ("amount", text => text.Replace('.', ','), "expressions", "\"replace(value, ',', '.')\""),
        ("ok", text => text == "true" ? "yes" : "no", "expressions", "\"CASE value WHEN 'yes' THEN 'true' WHEN 'no' THEN 'false' ELSE value END\""),
        ("kind", text => $" {text.ToUpperInvariant()} ", "expressions", "\"lower(trim(value))\""),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Random_damage_is_repaired_by_the_right_patches_and_the_counts_always_add_up(int seed)
    {
        var random = new Random(seed);
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 50, WindowBytes = 1000 });
        await bed.DefineAsync("things", Contract);
        var good = Enumerable.Range(1, 400).Select(id => new[]
        {
            $"{id}", $"2026-0{random.Next(1, 10)}-{random.Next(10, 29)}", $"{random.Next(1000)}.{random.Next(10, 100)}", random.Next(2) == 0 ? "true" : "false", random.Next(2) == 0 ? "red" : "blue",
        }).ToList();
        var broken = 0;
        var rows = good.Select(row =>
        {
            string[] spoiled = [.. row];
            for (var i = 0; i < Damages.Length; i++)
            {
                if (random.Next(6) == 0)
                    spoiled[i + 1] = $"\"{Damages[i].Spoil(spoiled[i + 1])}\"";
            }

            broken += spoiled.SequenceEqual(row) ? 0 : 1;
            return string.Join(',', spoiled);
        }).ToList();
        var parent = await bed.PostAsync("things", "id,day,amount,ok,kind\n" + string.Join('\n', rows));
        Assert.Equal(broken, parent.Quarantined);

        // One patch after the other finds what it can mend; together they mend all.
        foreach (var damage in Damages.OrderBy(_ => random.Next()))
            await CheckAsync($"{{\"patch\": {{\"{damage.Member}\": {{\"{damage.Column}\": {damage.Mend}}}}}}}");
        var expressions = string.Join(", ", Damages.Where(damage => damage.Member == "expressions").Select(damage => $"\"{damage.Column}\": {damage.Mend}"));
        await CheckAsync($"{{\"patch\": {{\"formats\": {{\"day\": [\"d.M.yyyy\"]}}, \"expressions\": {{{expressions}}}}}}}");

        Assert.Equal($"0 {broken} 0", await bed.CountsAsync(parent));
        Assert.Equal(good.Select(row => string.Join('|', row)),
            await bed.QueryAsync("things", "SELECT id, CAST(day AS VARCHAR), CAST(amount AS VARCHAR), CAST(ok AS VARCHAR), kind FROM t ORDER BY id"));
        await bed.AssertBalancedAsync("things");

        async Task CheckAsync(string request)
        {
            var tried = await bed.TryAsync(request);
            var done = await bed.ReplayAsync(request);
            Assert.Equal(tried.Result.Summary, done.Result.Summary);
            Assert.Equal(done.Result.Recovered, done.Batches.Sum(batch => batch.Loaded));
            Assert.Equal(0, (await bed.ReplayAsync(request)).Result.Recovered);
            await bed.ReceiptAsync(parent.Id);
        }
    }
}
