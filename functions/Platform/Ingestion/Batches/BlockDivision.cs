using DataPlatform.Ingestion.Values;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Divides a block's rows by the columns that the files of their table are divided by, without a query.</summary>
internal static class BlockDivision
{
    /// <param name="batches">Whose rows they are, in their order; together all rows of the block.</param>
    /// <param name="partitionBy">Columns; those that the block does not have are NULL.</param>
    /// <param name="most">How many partitions may be made.</param>
    /// <returns>The parts in the order of their first rows; the block itself when it is the only one, else blocks that the caller disposes. Null when there
    /// were more.</returns>
    /// <exception cref="Failures.TerminalException"><c>InvalidPartition</c>: a value that cannot be a partition's.</exception>
    public static IReadOnlyList<BlockPart>? TryDivide(RowBlock block, IReadOnlyList<BatchRows> batches, IReadOnlyList<string> partitionBy, int most)
    {
        if (partitionBy.Count == 0)
            return [new BlockPart(DataFile.NoPartition, block, batches)];

        var places = new int[block.Rows];
        List<IReadOnlyDictionary<string, string?>> partitions = [DataFile.NoPartition];
        foreach (var name in partitionBy)
        {
            partitions = Refine(block, name, places, partitions);
            if (partitions.Count > most)
                return null;
        }

        return partitions is [var only] ? [new BlockPart(only, block, batches)] : Scatter(block, batches, places, partitions);
    }

    /// <summary>Divides each of the partitions so far by one more column.</summary>
    /// <param name="places">By row: the place of its partition, before and after.</param>
    private static List<IReadOnlyDictionary<string, string?>> Refine(
        RowBlock block, string name, int[] places, List<IReadOnlyDictionary<string, string?>> partitions)
    {
        var at = block.Columns.ToList().FindIndex(column => column.Name == name);
        var buffer = at < 0 ? null : block.Buffers[at];
        var known = new Dictionary<(int Place, bool HasValue, UInt128 Value), int>();
        List<IReadOnlyDictionary<string, string?>> refined = [];
        var value = 0;
        for (var row = 0; row < places.Length; row++)
        {
            var isNull = buffer is null || buffer.IsNull(row);
            var key = (places[row], !isNull, isNull ? 0 : buffer!.IdentityOf(value));
            if (!known.TryGetValue(key, out var place))
            {
                place = refined.Count;
                known.Add(key, place);
                refined.Add(new Dictionary<string, string?>(partitions[places[row]], StringComparer.Ordinal)
                {
                    [name] = isNull ? null : PartitionText.Of(block.Columns[at], buffer!, value),
                });
            }

            places[row] = place;
            value += isNull ? 0 : 1;
        }

        return refined;
    }

    private static BlockPart[] Scatter(
        RowBlock block, IReadOnlyList<BatchRows> batches, int[] places, List<IReadOnlyDictionary<string, string?>> partitions)
    {
        var counts = new int[partitions.Count];
        foreach (var place in places)
            counts[place]++;
        RowBlock[] blocks = [.. counts.Select(rows => new RowBlock(rows))];
        for (var i = 0; i < block.Columns.Count; i++)
            block.Buffers[i].AppendTo([.. blocks.Select(part => part.Add(block.Columns[i]))], places);
        block.RowNumbers.AppendTo([.. blocks.Select(part => part.RowNumbers)], places);
        if (block.Keys is { } keys)
        {
            for (var i = 0; i < blocks.Length; i++)
                blocks[i].Keys = [.. keys.Select(hashes => hashes.Where((_, row) => places[row] == i).ToArray())];
        }

        var owners = new List<BatchRows>[blocks.Length];
        var next = 0;
        foreach (var (id, rows) in batches)
        {
            foreach (var group in places.AsSpan(next, rows).ToArray().CountBy(place => place))
                (owners[group.Key] ??= []).Add(new BatchRows(id, group.Value));
            next += rows;
        }

        return [.. partitions.Select((partition, i) => new BlockPart(partition, blocks[i], owners[i]))];
    }
}
