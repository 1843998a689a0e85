namespace DataPlatform.Serving;

/// <summary>Which version of a table a caller asks for: the newest without any of these.</summary>
/// <param name="Version">Delta's version of the table.</param>
/// <param name="Timestamp">The version that was the newest then; not together with <paramref name="Version"/>.</param>
/// <param name="MinVersion">The newest one must be at least this, or the log is asked again; -1 for none.</param>
public sealed record TableVersionRequest(long? Version = null, DateTimeOffset? Timestamp = null, long MinVersion = -1);
