namespace DataPlatform.Ingestion.Expressions;

/// <summary>A term whose values are held as <typeparamref name="T"/>.</summary>
internal abstract class TypedTerm<T>(TermType type) : Term(type)
{
    /// <summary>Computes the value for the row at hand.</summary>
    /// <returns>False for null, and when <paramref name="fault"/> was set.</returns>
    public abstract bool TryGet(RowFault fault, out T value);
}
