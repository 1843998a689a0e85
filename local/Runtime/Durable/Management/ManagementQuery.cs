using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>
/// The options of a request. The official host takes a value that it can't read as absent; here it is refused, because what was meant as a
/// filter would otherwise select everything.
/// </summary>
internal sealed class ManagementQuery(IQueryCollection query)
{
    private const double MaxSeconds = 24 * 60 * 60;

    public string? Text(string name) => query.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues value) ? value.ToString() : null;

    public bool Flag(string name, bool standard) => Given(name) switch
    {
        null => standard,
        { } text when bool.TryParse(text, out bool value) => value,
        { } text => throw Unreadable(name, text, "true or false"),
    };

    public int? Number(string name, int least, int most) => Given(name) switch
    {
        null => null,
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least => Math.Min(value, most),
        { } text => throw Unreadable(name, text, $"a whole number of at least {least}"),
    };

    /// <summary>Without an offset it is UTC.</summary>
    public DateTimeOffset? Time(string name) => Given(name) switch
    {
        null => null,
        { } text when DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset value) => value,
        { } text => throw Unreadable(name, text, "a time such as 2026-01-31T18:30:00Z"),
    };

    public TimeSpan? Seconds(string name) => Given(name) switch
    {
        null => null,
        { } text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= MaxSeconds =>
            TimeSpan.FromSeconds(value),
        { } text => throw Unreadable(name, text, $"a number of seconds up to {MaxSeconds:0}"),
    };

    /// <summary>Separated by commas, or the option several times. Null when none is given.</summary>
    public OrchestrationRuntimeStatus[]? Statuses(string name)
    {
        string[] given = (Text(name) ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return given.Length == 0 ? null : [.. given.Select(text => Status(name, text))];
    }

    private static OrchestrationRuntimeStatus Status(string name, string text) =>
        char.IsAsciiLetter(text[0]) && Enum.TryParse(text, ignoreCase: true, out OrchestrationRuntimeStatus status)
            ? status
            : throw Unreadable(name, text, string.Join(", ", Enum.GetNames<OrchestrationRuntimeStatus>()));

    private string? Given(string name) => Text(name) is { Length: > 0 } text ? text : null;

    private static ManagementRefusedException Unreadable(string name, string text, string wanted) =>
        new(StatusCodes.Status400BadRequest, $"'{text}' is not a value of '{name}': give {wanted}.");
}
