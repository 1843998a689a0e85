namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>An answer to a request.</summary>
/// <param name="Status">As HTTP's.</param>
/// <param name="Body">An AMQP value, or null.</param>
/// <param name="Condition">The same as <paramref name="Status"/> where it is an error, as a link would say it.</param>
internal sealed record RequestAnswer(int Status, string Description, object? Body = null, string? Condition = null);
