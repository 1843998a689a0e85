using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Ingestion;

public sealed class BatchPropertiesTests
{
    private sealed record Thing(long? Id, int? N, double? X, bool? B, string? S, long? Micros);

    private static readonly Gen<Thing> Things =
        from id in Maybe(ArbMap.Default.GeneratorFor<long>())
        from n in Maybe(ArbMap.Default.GeneratorFor<int>())
        from x in Maybe(ArbMap.Default.GeneratorFor<NormalFloat>().Select(value => value.Get))
        from b in Maybe(Gen.Elements(true, false))
        from s in Text
        from t in Maybe(Gen.Choose(0, int.MaxValue).Select(value => (value * 1_000_003L) - 500_000_000_000_000L))
        select new Thing(id, n, x, b, s, t);

    private static Gen<string?> Text => Gen.Elements<string?>(null, "", "a", "ü,ö", "\"", "line\nend", "cr\r\nlf", "😀", " pad ", "null", "\\N", new string('q', 300));

    [Fact]
    public async Task What_is_sent_as_csv_or_ndjson_is_what_is_loaded()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 7, Encoders = 2 });
        await bed.DefineAsync("things", """
            { "writeDisposition": "replace", "fields": [ {"name": "row", "type": "int32"}, {"name": "id", "type": "int64"}, {"name": "n", "type": "int32"},
              {"name": "x", "type": "float64"}, {"name": "b", "type": "bool"}, {"name": "s", "type": "string"}, {"name": "t", "type": "timestamp"} ] }
            """);
        foreach (var table in Things.ArrayOf(40).Sample(6, 12))
        {
            foreach (var (type, body) in new[] { ("text/csv", Csv(table)), ("application/x-ndjson", Ndjson(table)) })
            {
                var receipt = await bed.PostAsync("things", Encoding.UTF8.GetBytes(body), type);
                Assert.Equal((table.Length, 0), (receipt.Loaded, receipt.Quarantined));
                var loaded = await bed.QueryAsync("things",
                    "SELECT id, n, hex(CAST(x AS VARCHAR)), b, hex(s), epoch_us(t), _row FROM t ORDER BY \"row\"");
                Assert.Equal(table.Select((thing, i) => string.Join('|',
                    Show(thing.Id), Show(thing.N), thing.X is null ? "NULL" : "X", Show(thing.B),
                    thing.S is null ? "NULL" : Convert.ToHexString(Encoding.UTF8.GetBytes(thing.S)), Show(thing.Micros), i + 1)),
                    loaded.Select((row, i) => MaskNumber(row, table[i].X)));
            }
        }

        await bed.AssertBalancedAsync("things");
    }

    // A double's text differs between engines; its value must not.
    private static string MaskNumber(string row, double? expected)
    {
        var parts = row.Split('|');
        if (expected is { } value)
        {
            Assert.Equal(value, double.Parse(Encoding.UTF8.GetString(Convert.FromHexString(parts[2])), CultureInfo.InvariantCulture));
            parts[2] = "X";
        }

        return string.Join('|', parts);
    }

    private static string Show<T>(T? value)
        where T : struct => value is { } some ? Convert.ToString(some, CultureInfo.InvariantCulture)! : "NULL";

    private static Gen<T?> Maybe<T>(Gen<T> values)
        where T : struct => Gen.Frequency((4, values.Select(value => (T?)value)), (1, Gen.Constant((T?)null)));

    private static string Csv(Thing[] table)
    {
        var text = new StringBuilder("s,t,b,x,n,id,row\n");
        for (var i = 0; i < table.Length; i++)
        {
            var thing = table[i];
            text.AppendJoin(',',
                thing.S is null ? "" : $"\"{thing.S.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
                Moment(thing.Micros),
                thing.B is { } b ? (b ? "true" : "false") : "",
                thing.X?.ToString("R", CultureInfo.InvariantCulture) ?? "",
                thing.N?.ToString(CultureInfo.InvariantCulture) ?? "",
                thing.Id?.ToString(CultureInfo.InvariantCulture) ?? "",
                i.ToString(CultureInfo.InvariantCulture)).Append(i % 2 == 0 ? "\n" : "\r\n");
        }

        return text.ToString();
    }

    private static string Ndjson(Thing[] table) => string.Concat(table.Select((thing, i) => JsonSerializer.Serialize(new
    {
        row = i,
        s = thing.S,
        t = thing.Micros is null ? null : Moment(thing.Micros),
        b = thing.B,
        x = thing.X,
        n = thing.N,
        id = thing.Id,
    }) + "\n"));

    private static string Moment(long? micros) => micros is { } value
        ? DateTime.UnixEpoch.AddMicroseconds(value).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)
        : "";
}
