namespace DataPlatform.Sql;

/// <summary>A value that is bound by name, <c>$name</c> in the SQL.</summary>
public sealed record SqlParameter(string Name, object Value);
