namespace DataPlatform.Processing;

/// <summary>What becomes of a target whose step is defined in another way than when it was written.</summary>
public enum StepChange
{
    /// <summary>Its rows stay; new ones are made in the new way.</summary>
    Continue,

    /// <summary>The next run makes all rows anew.</summary>
    FullRefresh,
}
