using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>What contracts ask of values and rows, from the body to the table.</summary>
public sealed class ContractMembersTests
{
    private const string Csv = "text/csv";
    private const string Ndjson = "application/x-ndjson";

    [Fact]
    public async Task Values_are_prepared_in_order()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", """
            { "fields": [ {"name": "id", "type": "int64", "required": true},
                          {"name": "email", "type": "string", "trim": true, "case": "lower", "nullTokens": ["n/a"], "default": "none"},
                          {"name": "placed", "type": "timestamp", "formats": ["dd.MM.yyyy HH:mm", "unix"], "timeZone": "Europe/Berlin"},
                          {"name": "day", "type": "date", "formats": ["d/M/yyyy", "iso"]},
                          {"name": "amount", "type": "decimal(10,2)", "default": 0, "nullTokens": ["-"]},
                          {"name": "km", "type": "float64", "source": "miles", "expression": "value * 1.609344", "min": 1} ] }
            """);
        var receipt = await bed.PostAsync("orders", """
            id,email,placed,day,amount,miles
            1, Anna@Example.COM ,01.07.2026 12:30,1/3/2026,12.50,10
            2,n/a,1780000000,2026-03-02,-,2
            3,,01.01.2026 00:00,,,
            4,x,2026-01-01T00:00Z,,1,1
            5,x,,,1,0.1
            """.ReplaceLineEndings("\n"));

        Assert.Equal(
            ["1|anna@example.com|2026-07-01 10:30:00|2026-03-01|12.50|16.09344", "2|none|2026-05-28 20:26:40|2026-03-02|0.00|3.218688", "3|none|2025-12-31 23:00:00|NULL|0.00|NULL"],
            await bed.QueryAsync("orders", "SELECT id, email, CAST(placed AS VARCHAR), CAST(day AS VARCHAR), CAST(amount AS VARCHAR), km FROM t ORDER BY id"));
        var quarantine = await bed.QuarantineAsync(receipt);
        Assert.Equal(["placed type", "miles min"], quarantine.Select(row => $"{row["errors"]![0]!["column"]} {row["errors"]![0]!["rule"]}"));
        await bed.AssertBalancedAsync("orders");
    }

    [Theory]
    [InlineData(Csv, "a,b\n1,2\n5,0\n,1\n2147483647,1\n")]
    [InlineData(Ndjson, "{\"a\":1,\"b\":2}\n{\"a\":5,\"b\":0}\n{\"b\":1}\n{\"a\":2147483647,\"b\":1}\n")]
    public async Task An_expression_sees_the_other_fields_as_they_came_and_its_faults_break_only_their_row(string type, string body)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("numbers", """
            { "fields": [ {"name": "a", "type": "int32", "expression": "coalesce(value, 40) + 1"}, {"name": "b", "type": "int32", "expression": "value + a * 0"},
                          {"name": "c", "type": "float64", "expression": "a / b"} ] }
            """);
        var receipt = await bed.PostAsync("numbers", Encoding.UTF8.GetBytes(body), type);

        Assert.Equal(["2|2|0.5", "41|NULL|NULL"], await bed.QueryAsync("numbers", "SELECT a, b, c FROM t ORDER BY a"));
        var quarantine = await bed.QuarantineAsync(receipt);
        Assert.Equal(["c: The expression of 'c' has no result: a division by zero.", "a: The expression of 'a' has no result: a result is out of range."],
            quarantine.Select(row => $"{row["errors"]![0]!["column"]}: {row["errors"]![0]!["message"]}"));
        Assert.All(quarantine, row => Assert.Equal("expression", (string)row["errors"]![0]!["rule"]!));
    }

    [Fact]
    public async Task Checks_quarantine_warn_or_discard()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("payments", """
            { "fields": [ {"name": "amount", "type": "decimal(8,2)"}, {"name": "paid", "type": "decimal(8,2)"} ],
              "checks": [ {"name": "paid_once", "condition": "paid <= amount", "message": "More was paid than is due."},
                          {"name": "round", "condition": "amount = round(amount)", "onFail": "warn"},
                          {"name": "real", "condition": "amount > 0", "onFail": "discard_row"} ] }
            """);
        var receipt = await bed.PostAsync("payments", "amount,paid\n10,5\n10.5,1\n1.5,2\n0,0\n7,\n");

        Assert.Equal((5, 2, 2, 1), (receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Discarded));
        Assert.Equal(1, Assert.Single(receipt.Warnings!).Value);
        var quarantine = await bed.QuarantineAsync(receipt);
        Assert.All(quarantine, row => Assert.Equal(("check", "paid_once: More was paid than is due."), ((string)row["errors"]![0]!["rule"]!, (string)row["errors"]![0]!["message"]!)));
        Assert.Equal(1, Assert.Single((await bed.Receipts.FindAsync(receipt.Id, default))!.Warnings!).Value);
        await bed.AssertBalancedAsync("payments");
    }

    [Fact]
    public async Task Of_rows_with_one_key_the_first_good_one_is_loaded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "unique": true, "key": ["a", "b"], "fields": [ {"name": "a", "type": "string", "required": true}, {"name": "b", "type": "string", "required": true},
              {"name": "n", "type": "int32"} ] }
            """);
        var receipt = await bed.PostAsync("things", "a,b,n\nx,yz,no\nx,yz,1\nxy,z,2\nx,yz,3\nx,yz,4\n");

        Assert.Equal((5, 2, 1, 2), (receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Duplicate));
        Assert.Equal(["1", "2"], await bed.QueryAsync("things", "SELECT n FROM t ORDER BY n"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_batch_with_more_keys_than_memory_is_granted_for_is_refused()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { MaxUniqueKeys = 2_000 });
        await bed.DefineAsync("things", """{ "unique": true, "key": ["id"], "fields": [ {"name": "id", "type": "int64", "required": true} ] }""");

        var some = await bed.PostAsync("things", "id\n" + string.Concat(Enumerable.Range(0, 4_000).Select(i => $"{i % 2_000}\n")));
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", "id\n" + string.Concat(Enumerable.Range(0, 2_001).Select(i => $"{i}\n"))));

        Assert.Equal((2_000, 2_000), (some.Loaded, some.Duplicate));
        Assert.Equal((FailureKind.TooLarge, "TooManyKeys"), (failure.Kind, failure.Code));
    }

    [Theory]
    [InlineData("quarantine", 1, 2, 0)]
    [InlineData("discard_row", 1, 0, 2)]
    [InlineData("discard_value", 3, 0, 0)]
    [InlineData("evolve", 3, 0, 0)]
    public async Task Values_of_another_type_follow_their_policy_in_every_format(string policy, long loaded, long quarantined, long discarded)
    {
        (string Type, byte[] Body)[] forms =
        [
            (Csv, "n,d\n1,2026-01-01\nmany,2026-01-02\n3,soon\n"u8.ToArray()),
            (Ndjson, "{\"n\":1,\"d\":\"2026-01-01\"}\n{\"n\":\"many\",\"d\":\"2026-01-02\"}\n{\"n\":3,\"d\":\"soon\"}\n"u8.ToArray()),
            ("application/vnd.apache.parquet", ParquetFiles.Texts(("n", ["1", "many", "3"]), ("d", ["2026-01-01", "2026-01-02", "soon"]))),
        ];
        foreach (var (type, body) in forms)
        {
            await using var bed = new BatchBed();
            await bed.DefineAsync("things", $$"""{ "onUnexpected": {"types": "{{policy}}"}, "fields": [ {"name": "n", "type": "int32"}, {"name": "d", "type": "date"} ] }""");
            var receipt = await bed.PostAsync("things", body, type);

            Assert.Equal((3, loaded, quarantined, discarded), (receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Discarded));
            if (policy == "evolve")
                Assert.Equal(["1|2026-01-01|NULL|NULL", "NULL|2026-01-02|many|NULL", "3|NULL|NULL|soon"], await bed.QueryAsync("things", "SELECT n, CAST(d AS VARCHAR), n__text, d__text FROM t ORDER BY _row"));
            if (policy == "discard_value")
                Assert.Equal(["1|2026-01-01", "NULL|2026-01-02", "3|NULL"], await bed.QueryAsync("things", "SELECT n, CAST(d AS VARCHAR) FROM t ORDER BY _row"));
            await bed.AssertBalancedAsync("things");
        }
    }

    [Fact]
    public async Task A_frozen_type_refuses_the_batch_and_a_required_one_breaks_its_row()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("frozen", """{ "onUnexpected": {"types": "freeze"}, "fields": [ {"name": "n", "type": "int32"} ] }""");
        await bed.DefineAsync("strict", """{ "onUnexpected": {"types": "evolve"}, "fields": [ {"name": "n", "type": "int32", "required": true} ] }""");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("frozen", "n\n1\nsecret\n"));
        var receipt = await bed.PostAsync("strict", "n\n1\nmany\n");

        Assert.Equal((FailureKind.Conflict, "UnexpectedType", "n"), (failure.Kind, failure.Code, failure.Target));
        Assert.Contains("Row 2", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        Assert.Null(await bed.SnapshotOrNullAsync("frozen"));
        Assert.Equal((1, 1), (receipt.Loaded, receipt.Quarantined));
    }

    [Fact]
    public async Task A_column_of_texts_that_came_once_takes_more_of_them_later()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "onUnexpected": {"types": "evolve"}, "fields": [ {"name": "n", "type": "int32"} ] }""");
        await bed.PostAsync("things", "n\n1\na\n");
        await bed.PostAsync("things", "n\n2\n");
        await bed.PostAsync("things", "n\nb\n3\n");

        Assert.Equal(["1|NULL", "2|NULL", "3|NULL", "NULL|a", "NULL|b"], await bed.QueryAsync("things", "SELECT n, n__text FROM t ORDER BY n NULLS LAST, n__text"));
    }

    [Fact]
    public async Task Mistakes_in_expressions_checks_and_defaults_are_told_all_at_once_with_place_and_fix()
    {
        await using var bed = new BatchBed();
        var contract = DefinitionParser.Parse<DatasetDefinition>("""
            { "raw": "none", "fields": [ {"name": "a", "type": "int32", "expression": "value +\n  nmae"}, {"name": "name", "type": "string", "expression": "1 + 2"},
                          {"name": "c", "type": "int32", "default": "x"}, {"name": "d", "type": "int32", "expression": "(SELECT 1)"}, {"name": "e", "type": "string", "pii": "hash"},
                          {"name": "f", "type": "int32", "expression": "sum(value)"}, {"name": "g", "type": "date", "expression": "CAST('2026-02-30' AS DATE)"} ],
              "checks": [ {"name": "x", "condition": "a"}, {"name": "y", "condition": "a = 1) FROM t --"}, {"name": "z", "condition": "name > 1"} ] }
            """u8.ToArray(), "things");
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Services.GetRequiredService<ContractPlans>().CreateAsync(contract, default));
        var parsed = DefinitionParser.Parse<DatasetDefinition>("""
            { "fields": [ {"name": "a", "type": "int32", "expression": "value +\n  nmae"}, {"name": "name", "type": "string", "expression": "1 + 2"},
                          {"name": "c", "type": "int32", "default": "x"}, {"name": "d", "type": "int32", "expression": "(SELECT 1)"},
                          {"name": "f", "type": "int32", "expression": "sum(value)"}, {"name": "g", "type": "date", "expression": "CAST('2026-02-30' AS DATE)"} ],
              "checks": [ {"name": "x", "condition": "a"}, {"name": "z", "condition": "name > 1"} ] }
            """u8.ToArray(), "things");
        var compiled = await Assert.ThrowsAsync<TerminalException>(() => bed.Services.GetRequiredService<ContractPlans>().CreateAsync(parsed, default));

        Assert.Equal(["$.checks[1].condition InvalidExpression", "$.fields[4].pii PiiKeyMissing"], failure.Details.Select(detail => $"{detail.Target} {detail.Code}").Order(StringComparer.Ordinal));
        Assert.Equal(
            ["$.checks[0].condition", "$.checks[1].condition", "$.fields[0].expression", "$.fields[1].expression", "$.fields[2].default", "$.fields[3].expression", "$.fields[4].expression", "$.fields[5].expression"],
            compiled.Details.Select(detail => detail.Target!).Order(StringComparer.Ordinal));
        Assert.Contains("at line 2, column 3: there is no field 'nmae'. Did you mean 'name'?", compiled.Details[0].Message, StringComparison.Ordinal);
        Assert.Contains("it gives int32, and string is needed: use CAST", compiled.Details[1].Message, StringComparison.Ordinal);
    }
}
