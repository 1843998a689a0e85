using System.Globalization;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>The span of a column of whole numbers over some files, as their statistics tell it: what can be seen from it needs no query.</summary>
/// <param name="Low">No value is below it.</param>
/// <param name="High">No value is above it.</param>
internal readonly record struct WholeNumbers(long Low, long High)
{
    // A bit a number: 16 MB, which the engine does not count among its memory, for each of its threads.
    private const ulong MostBits = 1UL << 27;
    private const ulong BitsPerRow = 32;

    /// <summary>The span of a key of one column of whole numbers.</summary>
    /// <param name="columns">Of the files.</param>
    /// <returns>Null for other keys, and when a file does not tell.</returns>
    public static WholeNumbers? OfKey(IReadOnlyList<TableColumn> columns, IReadOnlyList<string> key, IReadOnlyList<DataFile> files)
    {
        if (key.Count != 1 || files.Count == 0 || columns.FirstOrDefault(column => string.Equals(column.Name, key[0], StringComparison.OrdinalIgnoreCase)) is not { } column)
            return null;
        WholeNumbers? span = null;
        foreach (var file in files)
        {
            if (Of(column, file) is not { } own)
                return null;
            span = span is { } before ? new WholeNumbers(Math.Min(before.Low, own.Low), Math.Max(before.High, own.High)) : own;
        }

        return span;
    }

    /// <inheritdoc cref="OfKey(IReadOnlyList{TableColumn}, IReadOnlyList{string}, IReadOnlyList{DataFile})"/>
    public static WholeNumbers? OfKey(IReadOnlyList<TableColumn> columns, IReadOnlyList<string> key, IReadOnlyList<StagedFile> files) =>
        OfKey(columns, key, [.. files.Select(file => new DataFile(file.LocalPath, file.Size, file.PartitionValues, ModificationTime: 0, file.Statistics))]);

    /// <summary>Whether so many values can lie so close together that a bitmap of the span is small beside them.</summary>
    public bool IsDense(long rows) => unchecked((ulong)High - (ulong)Low) < Math.Min(MostBits, (ulong)rows * BitsPerRow);

    /// <summary>An aggregate: how many different values of the column there are, all of which lie in the span.</summary>
    public string CountDifferent(string column) => string.Create(
        CultureInfo.InvariantCulture,
        $"CAST(bit_count(bitstring_agg(CAST({SqlText.Identifier(column)} AS BIGINT), CAST({Low} AS BIGINT), CAST({High} AS BIGINT))) AS BIGINT)");

    /// <summary>Whether the file may have a value of the span in the column: another writer may have written its statistics.</summary>
    public bool MayBeIn(DataFile file, TableColumn column) => Of(column, file) is not { } other || (other.Low <= High && other.High >= Low);

    public static bool AreIn(TableColumn column) => column.Type is "byte" or "short" or "integer" or "long";

    private static WholeNumbers? Of(TableColumn column, DataFile file) =>
        AreIn(column) && TryParse(FileBounds.Low(file, column), out var low) && TryParse(FileBounds.High(file, column), out var high)
            ? new WholeNumbers(low, high)
            : null;

    private static bool TryParse(string? text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}
