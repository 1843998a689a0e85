namespace DataPlatform.Catalog;

/// <summary>Which ends of another pipeline's run start something.</summary>
public enum RunOutcome
{
    Success,

    Failure,

    /// <summary>Any of them, cancellation too.</summary>
    End,
}
