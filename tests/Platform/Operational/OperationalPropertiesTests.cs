using System.Globalization;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Operational;

/// <summary>Whatever comes in whatever order through whichever process: the store is what a dictionary would be.</summary>
public sealed class OperationalPropertiesTests(AzuriteFixture azurite)
{
    private const int Keys = 5;

    private enum Act
    {
        Batch,
        Put,
        Patch,
        Delete,
        Replay,
        Records,
    }

    private static readonly Gen<(Act Act, int Key, int Seq, bool Second)> Step =
        from act in Gen.Frequency(
            (4, Gen.Constant(Act.Batch)), (3, Gen.Constant(Act.Put)), (2, Gen.Constant(Act.Patch)), (2, Gen.Constant(Act.Delete)), (1, Gen.Constant(Act.Replay)),
            (2, Gen.Constant(Act.Records)))
        from key in Gen.Choose(0, Keys - 1)
        from seq in Gen.Choose(-3, 12)
        from second in Gen.Elements(true, false)
        select (act, key, seq, second);

    [Theory]
    [InlineData("append", true)]
    [InlineData("append", false)]
    [InlineData("merge", true)]
    [InlineData("merge", false)]
    public async Task Any_changes_in_two_processes_over_a_folder(string disposition, bool ordered)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var folder = Directory.CreateTempSubdirectory("dataplatform-two-").FullName;
        try
        {
            await using var one = new OperationalBed(folder);
            await using var two = new OperationalBed(folder);
            await RunAsync(one, two, "things", disposition, ordered, 60, seed);
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    [Fact]
    public async Task Any_changes_in_two_processes_over_azure_storage()
    {
        var storage = await azurite.GetStorageAsync();
        await using var one = new OperationalBed(storage: storage);
        await using var two = new OperationalBed(storage: storage);
        await RunAsync(one, two, $"things_{Guid.NewGuid():n}", "append", true, 25, Random.Shared.Next());
    }

    private static async Task RunAsync(OperationalBed one, OperationalBed two, string dataset, string disposition, bool ordered, int steps, int seed)
    {
        var contract = OperationalBed.Ordered.Replace("\"operational\"", $"\"writeDisposition\": \"{disposition}\", \"operational\"", StringComparison.Ordinal);
        if (!ordered)
            contract = contract.Replace("\"orderBy\": \"seq\",", "", StringComparison.Ordinal);
        await one.DefineAsync(dataset, contract);

        var model = new Dictionary<string, Known>(StringComparer.Ordinal);
        var random = new Random(seed);
        var count = 0;
        foreach (var (act, keyNumber, seq, second) in Step.ArrayOf(steps).Sample(1, new Rnd((ulong)seed), 10).First())
        {
            var bed = second ? two : one;
            var key = $"k/{keyNumber}";
            var path = OperationalKey.Of([key]).Path;
            var value = $"v{count++}";
            switch (act)
            {
                case Act.Batch:
                    var rows = Enumerable.Range(0, random.Next(1, 4)).Select(i => (Key: $"k/{random.Next(Keys)}", Seq: seq + random.Next(-2, 3), Value: $"{value}.{i}")).ToList();
                    await bed.PostAsync(dataset, string.Join('\n', rows.Select(row => Row(row.Key, row.Seq, row.Value))));

                    // Of a merge's rows with one key only the last is loaded.
                    foreach (var row in disposition == "merge" ? rows.GroupBy(row => row.Key).Select(group => group.Last()) : rows)
                        Take(model, row.Key, row.Seq, row.Value, ordered);
                    break;
                case Act.Records:
                    await bed.RecordAsync(dataset, Row(key, seq, value));
                    Take(model, key, seq, value, ordered);
                    break;
                case Act.Put:
                    var late = ordered && model.TryGetValue(key, out var there) && there.Value is not null && seq < there.Seq;
                    await ExpectAsync(late ? "RowOutdated" : null, () => bed.PutAsync(dataset, path, $$"""{"seq":{{seq}},"v":"{{value}}"}"""));
                    if (!late)
                        Take(model, key, seq, value, ordered);
                    break;
                case Act.Patch:
                    var isThere = model.TryGetValue(key, out var before) && before.Value is not null;
                    await ExpectAsync(isThere ? null : "RowNotFound", () => bed.PatchAsync(dataset, path, $$"""{"v":"{{value}}"}"""));
                    if (isThere)
                        model[key] = before! with { Value = value };
                    break;
                case Act.Delete:
                    isThere = model.TryGetValue(key, out before) && before.Value is not null;
                    await ExpectAsync(isThere ? null : "RowNotFound", () => bed.DeleteAsync(dataset, path));
                    if (isThere)
                        model[key] = before! with { Value = null };
                    break;
                default:
                    await bed.ForgetCursorsAsync(dataset);
                    await (second ? one : two).Projection.AdvanceAsync(dataset, null, default);
                    break;
            }

            // Read your writes, and everybody's.
            if (model.TryGetValue(key, out var now) && now.Value is not null)
                Assert.Equal(Row(key, now.Seq, now.Value), await (second ? one : two).GetAsync(dataset, path));
        }

        var expected = model.Where(item => item.Value.Value is not null)
            .ToDictionary(item => OperationalKey.Of([item.Key]).Path, item => Row(item.Key, item.Value.Seq, item.Value.Value!));
        Assert.Equal(expected.OrderBy(item => item.Key, StringComparer.Ordinal), await one.ListAsync(dataset, top: 2));

        // As after a loss of all cursors, and with the state of the store itself gone: built anew from the table it is the same.
        if (disposition == "append")
        {
            await foreach (var row in one.Rows.QueryAsync(OperationalRows.RowTable, $"{dataset}.state", null, null, default))
                await one.Rows.TryDeleteAsync(OperationalRows.RowTable, row.Key, null, default);
            await two.Projection.AdvanceAsync(dataset, null, default);
            Assert.Equal(expected.OrderBy(item => item.Key, StringComparer.Ordinal), await two.ListAsync(dataset));
        }

        await one.AssertBalancedAsync(dataset);
    }

    private static void Take(Dictionary<string, Known> model, string key, int seq, string value, bool ordered)
    {
        if (!ordered || !model.TryGetValue(key, out var known) || seq >= known.Seq)
            model[key] = new Known(seq, value);
    }

    private static string Row(string key, int seq, string value) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{JsonSerializer.Serialize(key)},\"seq\":{seq},\"v\":\"{value}\"}}");

    private static async Task ExpectAsync(string? code, Func<Task> act)
    {
        if (code is null)
            await act();
        else
            Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(act)).Code);
    }

    private sealed record Known(int Seq, string? Value);
}
