namespace DataPlatform.Failures;

/// <summary>A failure that trying again cannot mend: it is told to the caller.</summary>
/// <param name="kind">Decides the HTTP status.</param>
/// <param name="code">Stable PascalCase code, e.g. <c>DatasetNotFound</c>.</param>
/// <param name="message">What was wrong, where, and the fix. Shown to callers: no secrets, no row data.</param>
/// <param name="target">The place: a JSON path, a parameter, a header or a column.</param>
/// <param name="details">All single mistakes when there are several.</param>
public class TerminalException(
    FailureKind kind,
    string code,
    string message,
    string? target = null,
    IReadOnlyList<FailureDetail>? details = null,
    Exception? innerException = null) : Exception(message, innerException)
{
    public FailureKind Kind { get; } = kind;

    public string Code { get; } = code;

    public string? Target { get; } = target;

    public IReadOnlyList<FailureDetail> Details { get; } = details ?? [];

    /// <summary>For the caller who may wait and ask again (409 on work in progress); sent as <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Address of the receipt that notes the failure, noted while it travels up; null when there is none.</summary>
    public string? Receipt { get; set; }
}
