namespace DataPlatform.Operations;

/// <summary>What a run does.</summary>
public enum RunKind
{
    /// <summary>Executes a pipeline.</summary>
    Pipeline,

    /// <summary>Computes a mart.</summary>
    Refresh,
}
