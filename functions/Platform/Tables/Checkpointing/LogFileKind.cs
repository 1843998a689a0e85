namespace DataPlatform.Tables.Checkpointing;

/// <summary>What a file of a log holds.</summary>
internal enum LogFileKind
{
    Commit,

    /// <summary>A classic checkpoint, or one of its parts.</summary>
    Checkpoint,

    /// <summary>A checkpoint of version 2, which is not read here.</summary>
    Version2Checkpoint,
}
