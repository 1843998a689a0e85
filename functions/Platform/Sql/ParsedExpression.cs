using System.Text.Json;

namespace DataPlatform.Sql;

/// <summary>An expression as the engine's parser understands it, not bound to any columns.</summary>
/// <param name="Text">As its author wrote it.</param>
/// <param name="Tree">Its syntax tree, as <c>json_serialize_sql</c> gives it.</param>
/// <param name="Shift">How much larger places in the tree are than places in the text.</param>
public sealed record ParsedExpression(string Text, JsonElement Tree, int Shift)
{
    /// <summary>Where a node of the tree stands: <c> at line 1, column 5</c>; empty when the parser does not tell.</summary>
    public string PlaceOf(JsonElement node) =>
        node.TryGetProperty("query_location", out var location) && location.TryGetUInt64(out var at) && at >= (ulong)Shift && at != ulong.MaxValue
            ? SqlInspector.Place(Text, at - (ulong)Shift)
            : "";
}
