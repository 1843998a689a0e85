namespace DataPlatform.Catalog;

/// <summary>What happens when rows break an expectation.</summary>
public enum ExpectationAction
{
    /// <summary>Counted and shown in the run.</summary>
    Warn,

    /// <summary>The step fails and commits nothing.</summary>
    Fail,

    /// <summary>The broken rows are kept beside the run, the others are committed.</summary>
    Quarantine,
}
