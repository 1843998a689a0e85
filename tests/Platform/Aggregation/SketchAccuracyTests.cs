using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Platform.Tests.Sql;

namespace DataPlatform.Platform.Tests.Aggregation;

/// <summary>What docs/marts.md promises of <c>approx_count_distinct</c>. The sets are drawn with a fixed seed: the same ones each time.</summary>
public sealed class SketchAccuracyTests
{
    private const double Bound = 0.033;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_random_sets_of_any_size_95_percent_of_the_estimates_are_within_3_3_percent()
    {
        var random = new Random(20010101);
        var largest = IsLong ? 7 : 6;

        // Each power of ten has as many sets as the others; the last ones are few, since they take most of the time.
        var sizes = Enumerable.Range(1, largest - 1)
            .SelectMany(power => Enumerable.Range(0, power < 4 ? 80 : power < 5 || IsLong ? 40 : 20).Select(_ => (long)Math.Pow(10, power + random.NextDouble())))
            .Append((long)Math.Pow(10, largest))
            .ToList();
        var errors = await ErrorsAsync(sizes, random);

        var near = errors.Count(error => Math.Abs(error.Error) <= Bound);
        Assert.True(near >= 0.95 * errors.Count, $"{near} of {errors.Count} estimates are within {Bound:P1}.");

        // Sets of 10,000 and more have the full standard error; an average of that many is near 0 unless estimates lean to one side.
        var large = errors.Where(error => error.Size >= 10_000).Select(error => error.Error).ToList();
        Assert.InRange(large.Average(), -0.008, 0.008);
        Assert.InRange(Math.Sqrt(large.Average(error => error * error)), 0.005, 0.022);
    }

    private static async Task<List<(long Size, double Error)>> ErrorsAsync(IReadOnlyList<long> sizes, Random random)
    {
        await using var bed = new SqlBed();
        await using var session = await bed.Engine.OpenAsync(Token);
        var errors = new List<(long, double)>();

        // Some at a time: a list of all their values would be large.
        foreach (var chunk in sizes.Chunk(20))
        {
            // Evenly spaced numbers, and texts; every tenth value comes twice.
            var sets = chunk.Select((size, set) => $"({set}, {size}, {random.NextInt64(1L << 40)}, {random.Next(1, 1 << 20)})");
            var rows = await SqlBed.RowsAsync(
                session,
                $"""
                WITH sets(set, size, start, stride) AS (VALUES {string.Join(", ", sets)}),
                    numbers AS (SELECT set, size, start, stride, unnest(range(size + size // 10)) % size AS i FROM sets),
                    items AS (SELECT set, CASE WHEN set % 2 = 0 THEN CAST(start + i * stride AS VARCHAR) ELSE 'item ' || start || '/' || i END AS item FROM numbers)
                SELECT set, {SketchSql.Estimate(SketchSql.Build("item"))} FROM items GROUP BY set
                """);
            Assert.Equal(chunk.Length, rows.Count);
            errors.AddRange(rows.Select(row => row.Split('|')).Select(row =>
            {
                var size = chunk[int.Parse(row[0], CultureInfo.InvariantCulture)];
                return (size, (long.Parse(row[1], CultureInfo.InvariantCulture) - size) / (double)size);
            }));
        }

        return errors;
    }
}
