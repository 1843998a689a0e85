using System.Text.Json;
using DataPlatform.Failures;

namespace DataPlatform.Platform.Tests;

public sealed class PlatformJsonTests
{
    [Fact]
    public void Names_enums_nulls_and_quotes_are_written_by_the_conventions() => Assert.Equal(
        """{"someName":"it's <ü>","kind":"too_large"}""",
        JsonSerializer.Serialize(new Sample("it's <ü>", FailureKind.TooLarge, null), PlatformJson.Options));

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00.1234567+05:30", "2026-01-31T06:30:00.1234567Z")]
    [InlineData("2026-01-31T12:00:00.500-01:00", "2026-01-31T13:00:00.5Z")]
    [InlineData("2026-01-31", "2026-01-31T00:00:00Z")]
    public void Timestamps_are_UTC_whatever_the_zone_of_the_machine(string read, string written)
    {
        var value = JsonSerializer.Deserialize<DateTimeOffset>($"\"{read}\"", PlatformJson.Options);
        Assert.Equal(TimeSpan.Zero, value.Offset);
        Assert.Equal($"\"{written}\"", JsonSerializer.Serialize(value, PlatformJson.Options));
    }

    [Theory]
    [InlineData("\"1/2/2026\"")]
    [InlineData("\"yesterday\"")]
    [InlineData("\"\"")]
    [InlineData("12345")]
    [InlineData("null")]
    public void What_is_no_timestamp_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DateTimeOffset>(json, PlatformJson.Options));

    [Fact]
    public void Numbers_are_no_enum_values() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<FailureKind>("1", PlatformJson.Options));

    private sealed record Sample(string SomeName, FailureKind Kind, DateTimeOffset? At);
}
