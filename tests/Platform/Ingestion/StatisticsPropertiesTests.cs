using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>Files are left out of queries and merges by their statistics: a bound inside the values would lose rows in silence.</summary>
public sealed class StatisticsPropertiesTests
{
    private static readonly string[] Texts =
    [
        "", "a", "z", " ", "\0", "a\0", "\uFFFD", "\uFFFF", "\U0010FFFF", "😀", "é", "\u007f", "\ud7ff", new('z', 33), new('z', 70), new('é', 40), new('\uffff', 80),
        string.Concat(Enumerable.Repeat("\U0010FFFF", 70)), new string('a', 31) + "😀x", new string('a', 63) + "😀x", new string('b', 5000), new string('\ud7ff', 33),
    ];

    private static readonly string[] Doubles =
        ["-0.0", "0.0", "0", "1e-320", "-1e-320", "1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "0.1", "-12345.678", "1e15", "123456789012345680"];

    private static readonly string[] Moments =
    [
        "0001-01-01T00:00:00Z", "1582-10-04T23:59:59.999999Z", "1900-02-28T12:00:00.000001Z", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.9995Z",
        "1970-01-01T00:00:00Z", "2026-03-29T01:30:00.123456Z", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999999Z", "2000-01-01T00:00:00+14:00",
    ];

    private static readonly string[] Days = ["0001-01-01", "1582-10-10", "1899-12-31", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Bounds_hold_all_values_of_the_files_that_batches_and_merges_write(int seed)
    {
        var random = new Random(seed);
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 40 });
        await bed.DefineAsync("things", """
            { "writeDisposition": "merge", "key": ["k"], "fields": [ {"name": "k", "type": "int32", "required": true}, {"name": "s", "type": "string"},
              {"name": "x", "type": "float64"}, {"name": "t", "type": "timestamp"}, {"name": "d", "type": "date"}, {"name": "n", "type": "int64"},
              {"name": "small", "type": "decimal(9,3)"}, {"name": "wide", "type": "decimal(38,10)"}, {"name": "b", "type": "bool"}, {"name": "bin", "type": "binary"} ] }
            """);
        for (var batch = 0; batch < 12; batch++)
        {
            var body = new StringBuilder("k,s,x,t,d,n,small,wide,b,bin\n");
            var rows = random.Next(1, 8);
            for (var i = 0; i < rows; i++)
            {
                var s = random.Next(5) == 0 ? "" : $"\"{Pick(random, Texts)}\"";
                body.Append(CultureInfo.InvariantCulture, $"{random.Next(60)},{s},{Maybe(random, Doubles)},{Maybe(random, Moments)},{Maybe(random, Days)},");
                body.Append(CultureInfo.InvariantCulture, $"{Maybe(random, ["-9223372036854775808", "9223372036854775807", "0", "-1"])},");
                body.Append(CultureInfo.InvariantCulture, $"{Maybe(random, ["-999999.999", "0.001", "-0.001", "0", "5"])},");
                body.Append(CultureInfo.InvariantCulture, $"{Maybe(random, ["-9999999999999999999999999999.9999999999", "0.0000000001", "0", "-5", "12345678901234567890.5"])},");
                body.Append(CultureInfo.InvariantCulture, $"{Maybe(random, ["true", "false"])},{Maybe(random, ["AAEC", "/w=="])}\n");
            }

            var receipt = await bed.PostAsync("things", body.ToString());
            Assert.Equal((rows, 0L), (receipt.Received, receipt.Quarantined));
            await CheckAsync(bed);
        }

        await bed.AssertBalancedAsync("things");
    }

    private static async Task CheckAsync(BatchBed bed)
    {
        var snapshot = await bed.SnapshotAsync("things");
        foreach (var file in snapshot.Files)
        {
            var statistics = file.Statistics!;
            await using var session = await bed.Services.GetRequiredService<SqlEngine>().OpenAsync(default);
            await session.MountAsync("t", snapshot, new MountOptions { Files = [file], SystemColumns = true, Instants = true }, default);
            foreach (var column in snapshot.Columns)
            {
                var low = Bound(statistics.Minimum, column.Name);
                var high = Bound(statistics.Maximum, column.Name);
                var type = DeltaTypes.ToSql(column.Type);
                var name = SqlText.Identifier(column.Name);
                var found = (await session.ReadAsync(
                    $"""
                    SELECT count(*), count(*) - count({name}), count(*) FILTER ({name} < CAST($1 AS {type})), count(*) FILTER ({name} > CAST($2 AS {type}))
                    FROM t
                    """,
                    [low, high],
                    reader => (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)),
                    default))[0];
                Assert.Equal((column.Name, statistics.Rows, statistics.NullCount[column.Name], 0L, 0L), (column.Name, found.Item1, found.Item2, found.Item3, found.Item4));
                if (column.Type is not ("boolean" or "binary" or "string" or "timestamp") && found.Item1 > found.Item2)
                    Assert.True(low is not null && high is not null, $"{column.Name} has no bounds");
            }
        }
    }

    private static string? Bound(IReadOnlyDictionary<string, JsonElement> bounds, string column) =>
        !bounds.TryGetValue(column, out var value) ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();

    private static string Pick(Random random, string[] values) => values[random.Next(values.Length)];

    private static string Maybe(Random random, string[] values) => random.Next(5) == 0 ? "" : Pick(random, values);
}
