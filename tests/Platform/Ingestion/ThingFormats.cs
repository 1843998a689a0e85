using System.Globalization;
using System.Text;
using System.Text.Json;
using ParquetSharp;

namespace DataPlatform.Ingestion;

/// <summary>Writes things in each format that is read.</summary>
internal static class ThingFormats
{
    /// <summary>By media type; those of text in characters yet.</summary>
    public static readonly IReadOnlyList<(string Type, Func<Thing[], string> Write)> Texts =
    [
        ("text/csv", things => Csv(things, ',', '"', header: true)),
        ("text/csv; header=absent; delimiter=\";\"; quote=\"'\"", things => Csv(things, ';', '\'', header: false)),
        ("text/tab-separated-values", things => Csv(things, '\t', '"', header: true)),
        ("application/x-ndjson", things => string.Join('\n', things.Select(Json))),
        ("application/json", things => $"[{string.Join(",\r\n", things.Select(Json))}]"),
        ("application/json", things => string.Concat(things.Select(Json))),
    ];

    public static byte[] Parquet(Thing[] things)
    {
        using var target = new MemoryStream();
        Column[] columns =
        [
            new Column<int>("row"), new Column<long?>("id"), new Column<int?>("n"), new Column<double?>("x"), new Column<bool?>("b"), new Column<string?>("s"),
            new Column<DateTime?>("t", LogicalType.Timestamp(true, TimeUnit.Micros)),
        ];
        using (var file = new ParquetFileWriter(target, columns))
        {
            foreach (var part in things.Select((thing, row) => (thing, row)).Chunk(17))
            {
                using var group = file.AppendRowGroup();
                Write(group, part.Select(item => item.row));
                Write(group, part.Select(item => item.thing.Id));
                Write(group, part.Select(item => item.thing.N));
                Write(group, part.Select(item => item.thing.X));
                Write(group, part.Select(item => item.thing.B));
                Write(group, part.Select(item => item.thing.S));
                Write(group, part.Select(item => item.thing.Micros is { } micros ? DateTime.UnixEpoch.AddMicroseconds(micros) : (DateTime?)null));
            }

            file.Close();
        }

        return target.ToArray();
    }

    private static void Write<T>(RowGroupWriter group, IEnumerable<T> values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch([.. values]);
    }

    private static string Csv(Thing[] things, char delimiter, char quote, bool header)
    {
        string[] names = header ? ["s", "t", "b", "x", "n", "id", "row"] : ["row", "id", "n", "x", "b", "s", "t"];
        var text = new StringBuilder();
        if (header)
            text.AppendJoin(delimiter, names).Append('\n');
        for (var i = 0; i < things.Length; i++)
        {
            var thing = things[i];
            text.AppendJoin(delimiter, names.Select(name => name switch
            {
                "s" => thing.S is null ? "" : $"{quote}{thing.S.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal)}{quote}",
                "t" => Moment(thing.Micros),
                "b" => thing.B is { } b ? (b ? "true" : "false") : "",
                "x" => thing.X?.ToString("R", CultureInfo.InvariantCulture) ?? "",
                "n" => thing.N?.ToString(CultureInfo.InvariantCulture) ?? "",
                "id" => thing.Id?.ToString(CultureInfo.InvariantCulture) ?? "",
                _ => i.ToString(CultureInfo.InvariantCulture),
            })).Append(i % 2 == 0 ? "\n" : "\r\n");
        }

        return text.ToString();
    }

    private static string Json(Thing thing, int row) => JsonSerializer.Serialize(new
    {
        row,
        s = thing.S,
        t = thing.Micros is null ? null : Moment(thing.Micros),
        b = thing.B,
        x = thing.X,
        n = thing.N,
        id = thing.Id,
    });

    private static string Moment(long? micros) => micros is { } value
        ? DateTime.UnixEpoch.AddMicroseconds(value).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)
        : "";
}
