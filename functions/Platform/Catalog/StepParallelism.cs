namespace DataPlatform.Catalog;

/// <summary>How a step's work is spread over activities.</summary>
public enum StepParallelism
{
    /// <summary>One activity.</summary>
    None,

    /// <summary>Groups of files of the one <c>new.</c> source; only for SQL that treats each row by itself.</summary>
    Files,

    /// <summary>Partitions by the hash of key columns; for SQL that groups by them.</summary>
    Keys,
}
