namespace DataPlatform.Lake;

/// <summary>How a directory was renamed or deleted.</summary>
/// <param name="Atomic">In one step that readers and crashes see whole or not at all. Else readers see it half done, and after a crash it is:
/// of a rename, the source is whole until the destination is.</param>
/// <param name="Objects">How many objects were touched; null when the service does not tell.</param>
public sealed record DirectoryChange(bool Atomic, long? Objects);
