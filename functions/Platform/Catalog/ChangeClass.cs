namespace DataPlatform.Catalog;

/// <summary>What a change of a contract means for those who rely on it.</summary>
public enum ChangeClass
{
    /// <summary>What was accepted is accepted, and readers find what they found.</summary>
    Compatible,

    /// <summary>Rows that were accepted may be refused, or readers of the table find something else.</summary>
    Breaking,
}
