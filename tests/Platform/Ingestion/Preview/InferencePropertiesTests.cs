using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Whatever rows a contract is inferred from, they load under it.</summary>
public sealed class InferencePropertiesTests
{
    private static readonly (string Name, Gen<JsonNode?> Values)[] Kinds =
    [
        ("bool", Gen.Elements(true, false).Select(value => (JsonNode?)value)),
        ("int32", ArbMap.Default.GeneratorFor<int>().Select(value => (JsonNode?)value)),
        ("int64", ArbMap.Default.GeneratorFor<long>().Select(value => (JsonNode?)value)),
        ("float64", ArbMap.Default.GeneratorFor<NormalFloat>().Select(value => (JsonNode?)value.Get)),
        ("money", Gen.Choose(-1_000_000, 1_000_000).Select(value => (JsonNode?)JsonNode.Parse((value / 100m).ToString("F2", CultureInfo.InvariantCulture)))),
        ("date", Gen.Choose(0, 40_000).Select(day => (JsonNode?)DateOnly.FromDayNumber(710_000 + day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))),
        ("german", Gen.Choose(0, 40_000).Select(day => (JsonNode?)DateOnly.FromDayNumber(710_000 + day).ToString("dd.MM.yyyy", CultureInfo.InvariantCulture))),
        ("slashes", Gen.Choose(0, 40_000).Select(day => (JsonNode?)DateOnly.FromDayNumber(710_000 + day).ToString("M/d/yyyy", CultureInfo.InvariantCulture))),
        ("timestamp", Gen.Choose(0, int.MaxValue).Select(second => (JsonNode?)DateTime.UnixEpoch.AddSeconds(second).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))),
        ("clock", Gen.Choose(0, int.MaxValue).Select(second => (JsonNode?)DateTime.UnixEpoch.AddSeconds(second).ToString("d.M.yyyy HH:mm", CultureInfo.InvariantCulture))),
        ("time", Gen.Choose(0, 86_399).Select(second => (JsonNode?)TimeOnly.MinValue.Add(TimeSpan.FromSeconds(second)).ToString("HH:mm:ss", CultureInfo.InvariantCulture))),
        ("uuid", ArbMap.Default.GeneratorFor<Guid>().Select(value => (JsonNode?)value.ToString())),
        ("text", Gen.Elements("", "a", "ü,ö", "\"", "'", "it's", "line\nend", " pad ", "null", "NA", "007", "1", "1.5", "true", "2026-01-01", "x;y", "|", "-", "+1").Select(value => (JsonNode?)value)),
        ("json", Gen.Elements("{}", "[1]", "{\"a\":[null]}", "\"t\"", "7", "true").Select(value => JsonNode.Parse(value))),
        ("null", Gen.Constant((JsonNode?)null)),
    ];

    private static readonly Gen<JsonObject[]> Rows =
        from columns in Gen.Choose(2, 6).SelectMany(count => Gen.ArrayOf(Gen.Choose(0, Kinds.Length - 1), count))
        from nulls in Gen.ArrayOf(Gen.Elements(0, 0, 3), columns.Length)
        from dirt in Gen.ArrayOf(Gen.Elements(0, 0, 0, 20), columns.Length)
        from rows in Gen.Choose(1, 60).SelectMany(count => Gen.ArrayOf(Row(columns, nulls, dirt), count))
        select rows;

    [Fact]
    public void Rows_load_under_the_contract_inferred_from_them() =>
        Prop.ForAll(Rows.ToArbitrary(), rows => LoadAsync(rows).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private static async Task LoadAsync(JsonObject[] rows)
    {
        await using var bed = new BatchBed();
        var inferring = bed.Services.GetRequiredService<ContractInference>();
        var validating = bed.Services.GetRequiredService<BatchValidator>();
        foreach (var (type, text) in new[]
        {
            ("application/x-ndjson", string.Join('\n', rows.Select(row => row.ToJsonString()))),
            ("application/json", $"[{string.Join(',', rows.Select(row => row.ToJsonString()))}]"),
            ("text/csv; header=present; delimiter=\",\"; quote=\"\\\"\"", Csv(rows)),
        })
        {
            var body = Encoding.UTF8.GetBytes(text);
            var inference = await inferring.InferAsync(new PreviewRequest("things", type, null, new MemoryStream(body)), ContractInference.DefaultRows, default);
            await bed.DefineAsync("things", inference.Contract.ToJsonString());
            var validation = await validating.ValidateAsync(new PreviewRequest("things", type, null, new MemoryStream(body)), null, 0, default);
            Assert.True(validation.Counts.Loaded == rows.Length && validation.Counts.Quarantined == 0,
                $"{text}\n{inference.Contract.ToJsonString()}\n{JsonSerializer.Serialize(validation, PlatformJson.Options)}");
        }
    }

    private static Gen<JsonObject> Row(int[] columns, int[] nulls, int[] dirt) =>
        columns.Select((kind, i) =>
            from value in Kinds[kind].Values
            from isNull in Gen.Choose(0, nulls[i])
            from isDirty in Gen.Choose(0, dirt[i])
            from other in Kinds[12].Values
            select (Name: $"{Kinds[kind].Name} {i}", Value: isNull > 0 ? null : isDirty == 1 ? other : value))
        .Aggregate(Gen.Constant(Array.Empty<(string Name, JsonNode? Value)>()), (all, next) => from before in all from one in next select before.Append(one).ToArray())
        .Select(members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Name, member.Value?.DeepClone()))));

    private static string Csv(JsonObject[] rows) => string.Join(',', rows[0].Select(member => member.Key)) + "\n"
        + string.Concat(rows.Select(row => string.Join(',', row.Select(member => Cell(member.Value))) + "\n"));

    private static string Cell(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.TryGetValue<string>(out var content) => $"\"{content.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        _ => $"\"{value.ToJsonString().Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
    };
}
