namespace DataPlatform.Ingestion.Expressions;

/// <summary>Reads a column of the row that a test has at hand.</summary>
internal sealed class SampleTerm<T>(TermType type, Func<(bool Has, T Value)> read) : TypedTerm<T>(type)
{
    public override bool TryGet(RowFault fault, out T value)
    {
        (var has, value) = read();
        return has;
    }
}
