namespace DataPlatform.Serving.Queries;

/// <summary>A node of a query's filter or order. Trees hold only columns of their table and typed literals, so that SQL made from
/// them is safe by construction.</summary>
public abstract record Expression
{
    public abstract ValueKind Kind { get; }

    /// <summary>False when the value can't be null whatever the row.</summary>
    public virtual bool Nullable => true;
}
