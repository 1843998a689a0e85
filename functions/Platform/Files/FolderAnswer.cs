namespace DataPlatform.Files;

/// <summary>A folder that was moved or deleted in one step.</summary>
/// <param name="Path">Address of the folder that came to be, or is gone.</param>
internal sealed record FolderAnswer(LakeOperationKind Operation, string? Source, string Path, bool Atomic);
