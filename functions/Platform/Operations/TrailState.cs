namespace DataPlatform.Operations;

/// <summary>What is known of a batch in a table.</summary>
public enum TrailState
{
    /// <summary>The table holds it, from the version named on.</summary>
    Contained,

    /// <summary>No run has taken it yet.</summary>
    Waiting,

    /// <summary>A run that takes it is under way.</summary>
    Running,

    /// <summary>The run that took it failed. The next one takes it again.</summary>
    Failed,
}
