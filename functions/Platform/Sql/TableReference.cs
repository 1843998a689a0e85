namespace DataPlatform.Sql;

/// <summary>A table that a query names.</summary>
/// <param name="IsNew">Written <c>new.Name</c>.</param>
public sealed record TableReference(string Name, bool IsNew)
{
    public override string ToString() => IsNew ? $"{SqlSession.NewSchema}.{Name}" : Name;
}
