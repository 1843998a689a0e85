namespace DataPlatform.Catalog;

/// <summary>Reads retry policies and timeouts, which pipelines and their steps have alike.</summary>
internal static class RetryParser
{
    private const int MaxAttempts = 100;
    private const double MaxBackoff = 10;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(7);

    public static RetryDefinition? Retry(ObjectReader parent)
    {
        if (parent.Object("retry") is not { } reader)
            return null;

        var fallback = RetryDefinition.Default;
        var attempts = reader.Length("attempts") ?? fallback.Attempts;
        if (attempts is < 1 or > MaxAttempts)
            reader.Mistakes.Add("OutOfRange", reader.PathOf("attempts"), $"'attempts' must be a whole number from 1 to {MaxAttempts}; 1 tries once.");
        var first = Duration(reader, "firstDelay", LongestDelay) ?? fallback.FirstDelay;
        var longest = Duration(reader, "maxDelay", LongestDelay) ?? (first > fallback.MaxDelay ? first : fallback.MaxDelay);
        if (longest < first)
            reader.Mistakes.Add("OutOfRange", reader.PathOf("maxDelay"), "'maxDelay' must not be shorter than 'firstDelay'.");
        var retry = new RetryDefinition(attempts, first, reader.Number("backoff", 1, MaxBackoff) ?? fallback.Backoff, longest);
        reader.Close();
        return retry;
    }

    public static TimeSpan? Timeout(ObjectReader parent) => Duration(parent, "timeout", LongestTimeout);

    private static TimeSpan? Duration(ObjectReader reader, string member, TimeSpan longest)
    {
        if (reader.Text(member) is not { } text)
            return null;
        if (Iso8601Duration.TryParse(text, out var duration) && duration <= longest)
            return duration;
        reader.Mistakes.Add(
            "InvalidDuration", reader.PathOf(member), $"'{ObjectReader.Shorten(text)}' is not an ISO 8601 duration of 1 second to {longest.TotalDays:0} days: write 'PT30S' or 'PT1H'.");
        return null;
    }
}
