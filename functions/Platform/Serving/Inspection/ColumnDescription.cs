namespace DataPlatform.Serving.Inspection;

/// <summary>A column of a table.</summary>
/// <param name="Type">Delta's name; nested types as Delta's JSON.</param>
public sealed record ColumnDescription(string Name, string Type, bool Nullable);
