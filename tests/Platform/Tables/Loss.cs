namespace DataPlatform.Platform.Tests.Tables;

internal enum Loss
{
    None,

    /// <summary>Nothing reached the store.</summary>
    Request,

    /// <summary>The store did it, and nobody heard.</summary>
    Answer,
}
