using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Preview;

public sealed class DatasetCreatorTests
{
    private const string Csv = "id,name,amount\n1,a,1.5\n2,b,2.5\n3,,x\n";

    [Theory]
    [InlineData(BodyCompression.None)]
    [InlineData(BodyCompression.Gzip)]
    [InlineData(BodyCompression.Zstd)]
    public async Task The_first_batch_makes_the_dataset_and_is_loaded_whole(BodyCompression compression)
    {
        await using var bed = Bed();
        var text = new StringBuilder("id,name\n");
        for (var i = 1; i <= 20_000; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i},n{i}\n");

        var body = Folding.Fold(compression, Encoding.UTF8.GetBytes(text.ToString()));
        var first = await PostAsync(bed, "orders", body, encoding: Folding.NameOf(compression));

        Assert.Equal((20_000, 20_000), (first.Receipt.Received, first.Receipt.Loaded));
        Assert.Equal(("orders", 1, "/api/v1/datasets/orders"), (first.Created!.Name, first.Created.DefinitionVersion, first.Created.Links["self"]));
        Assert.Equal(["20000|200010000"], await bed.QueryAsync("orders", "SELECT count(*), sum(id) FROM t"));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body)), first.Receipt.Sha256);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(bed.StoreFolder, "..", "scratch"), "*.first", SearchOption.AllDirectories));
        await bed.AssertBalancedAsync("orders");
    }

    [Theory]
    [InlineData("application/json", """[{"id": 1, "name": "a"}, {"id": 2}]""")]
    [InlineData("application/x-ndjson", "{\"id\": 1}\n{\"id\": 2, \"name\": \"b\"}\n")]
    [InlineData("text/tab-separated-values", "id\tname\n1\ta\n2\t\n")]
    public async Task Text_of_any_format_makes_a_dataset(string type, string text)
    {
        await using var bed = Bed();

        var first = await PostAsync(bed, "orders", Encoding.UTF8.GetBytes(text), type);

        Assert.NotNull(first.Created);
        Assert.Equal(["1", "2"], await bed.QueryAsync("orders", "SELECT id FROM t ORDER BY id"));
    }

    [Fact]
    public async Task A_Parquet_file_makes_a_dataset()
    {
        await using var bed = Bed();
        var table = new[] { new Thing(1, 2, 1.5, true, "x", 0), new Thing(2, null, null, null, null, null) };

        var first = await PostAsync(bed, "things", ThingFormats.Parquet(table), "application/vnd.apache.parquet");

        Assert.Equal((2, 2), (first.Created!.Rows, first.Receipt.Loaded));
    }

    [Fact]
    public async Task The_contract_lets_later_rows_in()
    {
        await using var bed = Bed();
        await PostAsync(bed, "orders", Encoding.UTF8.GetBytes("id,amount\n1,5\n9,6\n"));

        var second = await PostAsync(bed, "orders", Encoding.UTF8.GetBytes("id,amount,note\n2,,new\n3,much,\n"));

        Assert.Null(second.Created);
        Assert.Equal((2, 0), (second.Receipt.Loaded, second.Receipt.Quarantined));
        Assert.Equal(["1|5|NULL|NULL", "2|NULL|NULL|new", "3|NULL|much|NULL", "9|6|NULL|NULL"], await bed.QueryAsync("orders", "SELECT id, amount, amount__text, note FROM t ORDER BY id"));
        var contract = JsonNode.Parse((await bed.Services.GetRequiredService<CatalogStore>().GetAsync<DatasetDefinition>("orders", default)).Document.Span)!;
        Assert.True((bool?)contract["fields"]![0]!["required"]);
        Assert.Null(contract["fields"]![1]!["required"]);
    }

    [Fact]
    public async Task Of_many_first_batches_one_makes_the_dataset_and_all_are_loaded()
    {
        await using var bed = Bed();

        var firsts = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            PostAsync(bed, "orders", Encoding.UTF8.GetBytes($"id,f{i % 2}\n{i},x\n")))));

        Assert.Single(firsts, first => first.Created is not null);
        Assert.All(firsts, first => Assert.Equal((1, 0), (first.Receipt.Loaded, first.Receipt.Quarantined)));
        Assert.Equal([1], (await bed.Services.GetRequiredService<CatalogStore>().ListVersionsAsync<DatasetDefinition>("orders", default)));
        Assert.Equal(["8"], await bed.QueryAsync("orders", "SELECT count(DISTINCT id) FROM t"));
    }

    [Fact]
    public async Task A_repeat_of_the_first_batch_is_the_same_batch()
    {
        await using var bed = Bed();

        var first = await PostAsync(bed, "orders", Encoding.UTF8.GetBytes(Csv), key: "k1");
        var again = await PostAsync(bed, "orders", Encoding.UTF8.GetBytes(Csv), key: "k1");

        Assert.Equal((first.Receipt.Id, null), (again.Receipt.Id, again.Created));
    }

    [Theory]
    [InlineData(UnknownDatasetPolicy.Freeze, true)]
    [InlineData(UnknownDatasetPolicy.Evolve, false)]
    public async Task Who_may_not_define_it_or_is_not_meant_to_meets_nothing(UnknownDatasetPolicy policy, bool mayDefine)
    {
        await using var bed = Bed(policy);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => PostAsync(bed, "orders", Encoding.UTF8.GetBytes(Csv), mayDefine: mayDefine));

        Assert.Equal("DatasetNotFound", failure.Code);
        Assert.Null(await bed.Services.GetRequiredService<CatalogStore>().FindAsync<DatasetDefinition>("orders", default));
    }

    [Theory]
    [InlineData("new", "InvalidName")]
    [InlineData("system", "InvalidName")]
    [InlineData("_orders", "InvalidName")]
    [InlineData("Orders", "InvalidName")]
    [InlineData("sales", "NameTaken")]
    public async Task Names_that_no_dataset_may_have_are_refused(string name, string code)
    {
        await using var bed = Bed();
        await bed.DefineAsync("flights");
        await bed.Services.GetRequiredService<CatalogStore>().PutAsync<MartDefinition>(
            "sales", """{"source": "flights", "dimensions": [{"name": "id"}], "measures": [{"name": "rows", "type": "count"}]}"""u8.ToArray(), PutCondition.None, default);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => PostAsync(bed, name, Encoding.UTF8.GetBytes(Csv)));

        Assert.Equal(code, failure.Code);
    }

    [Theory]
    [InlineData("application/json", "[]", "NothingToInfer")]
    [InlineData("text/csv", "", "UnreadableFile")]
    [InlineData("application/json", "[1, 2", "UnreadableFile")]
    [InlineData("text/html", "<p>", "UnsupportedMediaType")]
    public async Task What_says_nothing_of_its_rows_makes_no_dataset(string type, string text, string code)
    {
        await using var bed = Bed();

        Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(() => PostAsync(bed, "orders", Encoding.UTF8.GetBytes(text), type))).Code);

        Assert.Null(await bed.Services.GetRequiredService<CatalogStore>().FindAsync<DatasetDefinition>("orders", default));
    }

    private static BatchBed Bed(UnknownDatasetPolicy policy = UnknownDatasetPolicy.Evolve) => new(configure: options => options.OnUnknownDataset = policy);

    private static Task<FirstBatch> PostAsync(
        BatchBed bed, string dataset, byte[] body, string type = "text/csv", string? encoding = null, string? key = null, bool mayDefine = true) =>
        bed.Services.GetRequiredService<DatasetCreator>().IngestAsync(
            new BatchRequest(dataset, "tester", key, type, encoding, new ChunkedStream(body, 1000)), mayDefine, default);
}
