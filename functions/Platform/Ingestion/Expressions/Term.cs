namespace DataPlatform.Ingestion.Expressions;

/// <summary>A compiled expression, or a part of one. Not for more than one thread.</summary>
internal abstract class Term(TermType type)
{
    public TermType Type { get; } = type;

    /// <summary>A literal: known without a row.</summary>
    public virtual bool IsConstant => false;
}
