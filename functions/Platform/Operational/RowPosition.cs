namespace DataPlatform.Operational;

/// <summary>Where a row stands among all rows of its key: the largest is the latest. Of two, the first member that differs decides.</summary>
/// <param name="Epoch">How many times the dataset's rows were built anew.</param>
/// <param name="Replaced">The table version that replaced all rows before; -1 when none did.</param>
/// <param name="Order">A sortable text of the contract's <c>orderBy</c>; null without.</param>
/// <param name="Version">The table version.</param>
/// <param name="Batch">The batch's place in its commit.</param>
/// <param name="Row">The row's place in its batch.</param>
internal sealed record RowPosition(long Epoch, long Replaced, string? Order, long Version, long Batch, long Row)
{
    public bool IsAfter(RowPosition other) => CompareTo(other) > 0;

    private int CompareTo(RowPosition other)
    {
        var result = (Epoch, Replaced).CompareTo((other.Epoch, other.Replaced));
        if (result == 0)
            result = string.CompareOrdinal(Order, other.Order);
        return result == 0 ? (Version, Batch, Row).CompareTo((other.Version, other.Batch, other.Row)) : result;
    }
}
