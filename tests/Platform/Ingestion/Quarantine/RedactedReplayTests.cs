namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Rows whose personal values are protected in the quarantine.</summary>
public sealed class RedactedReplayTests
{
    private const string Key = "a key of at least thirty-two characters";

    private const string Contract = """
        { "raw": "none", "checks": [ {"name": "long", "condition": "length(email) < 30"} ], "fields": [ {"name": "id", "type": "int32", "required": true},
          {"name": "email", "type": "string", "pii": "hash", "case": "lower", "pattern": "@", "required": true}, {"name": "phone", "type": "string", "pii": "mask", "maxLength": 9},
          {"name": "born", "type": "date", "pii": "drop", "required": true} ] }
        """;

    [Fact]
    public async Task Personal_values_are_protected_once_and_no_rule_looks_at_them()
    {
        await using var bed = new BatchBed(piiKey: Key);
        await bed.DefineAsync("things", Contract);
        var parent = await bed.PostAsync("things", "id,email,phone,born\n1,A@B.example,55-01,1980-01-01\nx,a@b.example,55-01,1980-01-01\ny,none,55-01,1980-01-01\n\"z\n");
        var report = await bed.ReplayAsync("""{"patch": {"set": {"id": 2}}}""");

        Assert.Equal("recovers 1 of 3", report.Result.Summary);
        Assert.Equal(["1|1|00-00|NULL", "2|1|00-00|NULL"], await bed.QueryAsync("things", "SELECT id, dense_rank() OVER (ORDER BY email), phone, CAST(born AS VARCHAR) FROM t ORDER BY id"));
        Assert.Equal("email pattern", Assert.Single(report.Result.Remaining.Select(cause => $"{cause.Column} {cause.Rule}")));
        Assert.StartsWith("The row is withheld", Assert.Single(report.Result.NotReplayable).Reason, StringComparison.Ordinal);
        Assert.Equal("2 1 0", await bed.CountsAsync(parent));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_rule_that_is_gone_holds_nobody()
    {
        await using var bed = new BatchBed(piiKey: Key);
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", "id,email,born\n1,none,1980-01-01\n");
        Assert.Equal("recovers 0 of 1", (await bed.TryAsync("{}")).Result.Summary);
        await bed.DefineAsync("things", Contract.Replace("\"pattern\": \"@\", ", "", StringComparison.Ordinal));
        Assert.Equal("recovers 1 of 1", (await bed.TryAsync("{}")).Result.Summary);
        Assert.Equal("recovers 0 of 1", (await bed.TryAsync("""{"patch": {"definitionVersion": 1}}""")).Result.Summary);
    }

    [Theory]
    [InlineData("""{"set": {"email": "a@b"}}""")]
    [InlineData("""{"expressions": {"phone": "value"}}""")]
    [InlineData("""{"rename": {"mail": "email"}}""")]
    public async Task Personal_values_are_not_written_anew(string patch)
    {
        await using var bed = new BatchBed(piiKey: Key);
        await bed.DefineAsync("things", Contract);
        Assert.Equal("InvalidPatch", (await Assert.ThrowsAsync<DataPlatform.Failures.TerminalException>(() => bed.TryAsync($"{{\"patch\": {patch}}}"))).Code);
    }
}
