namespace DataPlatform.Catalog;

/// <summary>What a step does about commits that removed or rewrote rows of a <c>new.</c> source.</summary>
public enum SourceChange
{
    /// <summary>The run fails and names the commit.</summary>
    Fail,

    /// <summary>Such a commit is passed over as a whole, also the rows it added; the run says which.</summary>
    Skip,

    /// <summary>The source shows the rows that came and those that went, each with its <c>_change_type</c>. For <see cref="StepMode.Merge"/>.</summary>
    Changes,
}
