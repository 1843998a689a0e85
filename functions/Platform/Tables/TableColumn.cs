namespace DataPlatform.Tables;

/// <summary>A column of a Delta table.</summary>
/// <param name="Type">Delta's name of a primitive type: <c>boolean integer long double string date timestamp binary
/// decimal(p,s)</c> (also <c>byte short float</c> in tables written by others).</param>
/// <param name="Nullable">False promises that no file holds a null.</param>
public sealed record TableColumn(string Name, string Type, bool Nullable = true)
{
    /// <summary>The boolean column that is true in rows by which a key was deleted. Readers leave these rows out.</summary>
    public const string Deleted = "_deleted";
}
