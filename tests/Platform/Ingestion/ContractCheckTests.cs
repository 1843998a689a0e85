using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

public sealed class ContractCheckTests
{
    private const string First = """{"fields":[{"name":"id","type":"int64"},{"name":"name","type":"string"},{"name":"price","type":"decimal(10,2)"}]}""";

    [Fact]
    public async Task Fields_that_the_table_cannot_take_are_told_all_at_once()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("goods", First);
        await bed.PostAsync("goods", "id,name,price\n1,a,2.50\n");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => CheckAsync(
            bed, """{"fields":[{"name":"id","type":"string"},{"name":"Name","type":"string"},{"name":"price","type":"decimal(12,2)"},{"name":"new_one","type":"date"}]}"""));

        Assert.Equal((FailureKind.Conflict, "SchemaMismatch"), (failure.Kind, failure.Code));
        Assert.Equal(["$.fields[0].type", "$.fields[1].name", "$.fields[2].type"], failure.Details.Select(detail => detail.Target));
        Assert.Contains("'id' is string here, but the dataset's table keeps it as int64", failure.Message, StringComparison.Ordinal);
        Assert.Contains("decimal(10,2)", failure.Details[2].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"fields":[{"name":"id","type":"int64","required":true,"min":0},{"name":"name","type":"uuid"},{"name":"added","type":"date"}]}""")]
    [InlineData("""{"writeDisposition":"replace","fields":[{"name":"id","type":"string"}]}""")]
    public async Task What_fits_is_taken(string contract)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("goods", First);
        await CheckAsync(bed, """{"fields":[{"name":"id","type":"string"}]}""");
        await bed.PostAsync("goods", "id,name,price\n1,a,2.50\n");

        await CheckAsync(bed, contract);
    }

    [Fact]
    public async Task Breaking_changes_are_refused_once_there_is_data_unless_they_are_meant()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("goods", First);
        var check = bed.Services.GetRequiredService<ContractCheck>();
        var (before, after) = (Parse(First), Parse("""{"fields":[{"name":"id","type":"int64","required":true,"min":1},{"name":"name","type":"string"},{"name":"added","type":"date"}]}"""));

        var early = await check.CompareAsync(before, after, Compatibility.Backward, default);
        await bed.PostAsync("goods", "id,name,price\n1,a,2.50\n");
        var failure = await Assert.ThrowsAsync<TerminalException>(() => check.CompareAsync(before, after, Compatibility.Backward, default));
        var meant = await check.CompareAsync(before, after, Compatibility.None, default);

        Assert.Equal(["$.fields[0].required", "$.fields[0].min", "$.fields[2]", "$.fields"], early.Select(change => change.Path));
        Assert.Equal(early, meant);
        Assert.Equal((FailureKind.Conflict, "IncompatibleContract"), (failure.Kind, failure.Code));
        Assert.Equal(["$.fields[0].required", "$.fields[0].min", "$.fields"], failure.Details.Select(detail => detail.Target));
        Assert.Contains("?compatibility=none", failure.Message, StringComparison.Ordinal);
    }

    private static DatasetDefinition Parse(string contract) => DefinitionParser.Parse<DatasetDefinition>(System.Text.Encoding.UTF8.GetBytes(contract), "goods");

    private static Task CheckAsync(BatchBed bed, string contract) => bed.Services.GetRequiredService<ContractCheck>()
        .CheckAsync(Parse(contract), TestContext.Current.CancellationToken);
}
