namespace DataPlatform.Catalog;

/// <summary>What a step does to the rows its target holds already.</summary>
public enum StepMode
{
    Append,
    Overwrite,

    /// <summary>By <see cref="StepDefinition.Key"/>.</summary>
    Merge,
}
