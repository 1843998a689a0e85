namespace DataPlatform.Catalog;

/// <summary>The document that a table's name belongs to.</summary>
internal readonly record struct NameOwner(DefinitionKind Kind, string Name)
{
    public override string ToString() => DefinitionKinds.Describe(Kind, Name);
}
