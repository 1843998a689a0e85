namespace DataPlatform.Files;

/// <summary>What is done with a folder, object by object.</summary>
public enum LakeOperationKind
{
    Copy,
    Move,
    Delete,
}
