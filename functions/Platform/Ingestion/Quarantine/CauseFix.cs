using System.Text.Json.Nodes;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What can be done about a cause.</summary>
/// <param name="Message">For people.</param>
/// <param name="Rows">Of the values looked at, those that it would mend; null where that is not known.</param>
/// <param name="Patch">Ready for a replay's <c>patch</c>; null when the contract or the sender must change.</param>
public sealed record CauseFix(string Message, long? Rows = null, JsonObject? Patch = null);
