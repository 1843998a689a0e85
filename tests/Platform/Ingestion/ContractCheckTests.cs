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

    private static Task CheckAsync(BatchBed bed, string contract) => bed.Services.GetRequiredService<ContractCheck>()
        .CheckAsync(DefinitionParser.Parse<DatasetDefinition>(System.Text.Encoding.UTF8.GetBytes(contract), "goods"), TestContext.Current.CancellationToken);
}
