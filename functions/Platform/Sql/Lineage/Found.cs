namespace DataPlatform.Sql.Lineage;

/// <summary>What a name stands for.</summary>
/// <param name="Name">As it is spelled where it is defined.</param>
/// <param name="Certain">False when it is taken for a column of the only relation whose columns are not all known.</param>
internal sealed record Found(string Name, Flow Flow, bool Certain = true);
