namespace DataPlatform.Platform.Tests.Processing.Incremental;

public enum ModelRemoval
{
    None,

    /// <summary>A restore that took no rows away, but perhaps files, where these held the rows otherwise.</summary>
    Possible,

    Sure,
}
