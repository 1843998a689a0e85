namespace DataPlatform.Ingestion.Expressions;

/// <summary>Functions whose arguments and result are of one type.</summary>
internal enum SameKind
{
    /// <summary>COALESCE.</summary>
    First,

    Greatest,

    Least,
}
