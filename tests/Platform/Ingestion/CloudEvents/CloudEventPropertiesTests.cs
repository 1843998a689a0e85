using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Operations;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace DataPlatform.Ingestion.CloudEvents;

/// <summary>Any events, by each way they may come, leave the same rows.</summary>
public sealed class CloudEventPropertiesTests
{
    private const string Contract = """
        { "fields": [ {"name": "id", "type": "string", "source": "ce:id"}, {"name": "device", "type": "string", "source": "ce:source"},
                      {"name": "kind", "type": "string", "source": "ce:type"}, {"name": "subject", "type": "string", "source": "ce:subject"},
                      {"name": "ext", "type": "string", "source": "ce:ext"}, {"name": "amount", "type": "int64"}, {"name": "note", "type": "json"} ] }
        """;

    [Fact]
    public void Binary_structured_and_batch_leave_the_same_rows() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(10), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => LeaveTheSameRowsAsync(new Random(seed)).GetAwaiter().GetResult()));

    private static async Task LeaveTheSameRowsAsync(Random random)
    {
        await using var bed = new BatchBed();
        var events = Enumerable.Range(0, random.Next(1, 6)).Select(i => Make(random, i)).ToList();
        foreach (var dataset in new[] { "structured", "binary", "batched", "encoded" })
            await bed.DefineAsync(dataset, Contract);
        List<Receipt> receipts = [];
        foreach (var one in events)
        {
            receipts.Add(await bed.PostAsync("structured", Encoding.UTF8.GetBytes(Structured(one)), CloudEventIngestionTests.Single));
            receipts.Add(await BinaryAsync(bed, "binary", one));
            var encoded = JsonNode.Parse(Structured(one))!.AsObject();
            if (encoded.Remove("data", out var data))
                encoded["data_base64"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(data!.ToJsonString()));
            receipts.Add(await bed.PostAsync("encoded", Encoding.UTF8.GetBytes(encoded.ToJsonString()), CloudEventIngestionTests.Single));
        }

        Assert.All(receipts, receipt => Assert.Equal((1, 1), (receipt.Received, receipt.Loaded)));
        var batch = await bed.PostAsync("batched", Encoding.UTF8.GetBytes($"[{string.Join(" ,\n", events.Select(Structured))}]"), CloudEventIngestionTests.Several);
        Assert.Equal(events.Count, batch.Loaded);
        var expected = await RowsAsync(bed, "structured");
        Assert.Equal(events.Select(one => Text(one.Attributes["id"])).Order(StringComparer.Ordinal), expected.Select(row => row.Split('|')[0]));
        foreach (var dataset in new[] { "binary", "batched", "encoded" })
            Assert.Equal(expected, await RowsAsync(bed, dataset));
    }

    private static Task<IReadOnlyList<string>> RowsAsync(BatchBed bed, string dataset) => bed.QueryAsync(
        dataset, "SELECT hex(encode(id)), hex(encode(device)), hex(encode(kind)), hex(encode(subject)), hex(encode(ext)), amount, hex(encode(note)), _event FROM t ORDER BY 1");

    private static (Dictionary<string, string> Attributes, string? Data) Make(Random random, int number)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["specversion"] = "1.0",
            ["id"] = $"{number}{Word(random)}",
            ["source"] = new[] { "/a/b", "urn:device:7", "https://example.com/%41?x=1#y", "..", "a@b" }[random.Next(5)],
            ["type"] = "t" + Word(random),
        };
        if (random.Next(2) == 0)
            attributes["subject"] = "s" + Word(random);
        if (random.Next(2) == 0)
            attributes["ext"] = Word(random);
        var data = new JsonObject();
        if (random.Next(3) > 0)
            data["amount"] = random.NextInt64();
        if (random.Next(3) > 0)
            data["note"] = random.Next(2) == 0 ? new JsonArray(1, Word(random), null) : new JsonObject { [Word(random)] = Word(random), ["data"] = true };
        return (attributes, random.Next(6) == 0 ? null : data.ToJsonString());
    }

    private static string Word(Random random)
    {
        string[] parts = ["a", "Z", "7", " ", "\"", "%", "%41", "\\", "é", "€", "😀", "\u00A0", "/", ":", ";", ",", "=", "|", "'"];
        return string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => parts[random.Next(parts.Length)]));
    }

    private static string Structured((Dictionary<string, string> Attributes, string? Data) one)
    {
        var text = JsonSerializer.Serialize(one.Attributes);
        return one.Data is null ? text : $"{text[..^1]},\"data\":{one.Data}}}";
    }

    private static async Task<Receipt> BinaryAsync(BatchBed bed, string dataset, (Dictionary<string, string> Attributes, string? Data) one)
    {
        var headers = one.Attributes.Select(attribute => KeyValuePair.Create("ce-" + attribute.Key, new StringValues(Encode(attribute.Value)))).ToList();
        var (type, body) = await bed.Services.GetRequiredService<CloudEventBinding>().ReadAsync(
            headers, one.Data is null ? null : "application/json; charset=utf-8", null, new MemoryStream(Encoding.UTF8.GetBytes(one.Data ?? "")), default);
        return await bed.PostAsync(dataset, body, type!);
    }

    /// <summary>As the HTTP binding has it, section 3.1.3.2.</summary>
    private static string Encode(string value)
    {
        var header = new StringBuilder();
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value is > 0x20 and < 0x7F and not '"' and not '%')
                header.Append(rune.ToString());
            else
                header.AppendJoin("", Encoding.UTF8.GetBytes(rune.ToString()).Select(b => $"%{b:X2}"));
        }

        return header.ToString();
    }

    private static string Text(string value) => Convert.ToHexString(Encoding.UTF8.GetBytes(value));
}
