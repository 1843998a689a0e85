namespace DataPlatform.Platform.Tests.Tables;

internal enum Loss
{
    None,

    /// <summary>Nothing reached the store.</summary>
    Request,

    /// <summary>The store did it, and nobody heard.</summary>
    Answer,

    /// <summary>The store says that the object is there, and it is not: it was about to appear, or its writer died.</summary>
    Refusal,
}
