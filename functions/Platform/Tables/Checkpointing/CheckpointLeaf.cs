using ParquetSharp;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>Reads columns of a row group whole. Whatever a checkpoint's writer made optional or required, the levels tell.</summary>
internal static class CheckpointLeaf
{
    private const int BatchRows = 4096;

    /// <summary>One value a row, null where it or a group around it is null.</summary>
    public static string?[] ReadTexts(RowGroupReader group, int index, int rows)
    {
        var texts = new string?[rows];
        Read<ByteArray>(group, index, (row, _, value) => texts[row] = value is { } bytes ? Text(bytes) : null);
        return texts;
    }

    /// <inheritdoc cref="ReadTexts"/>
    public static T?[] ReadValues<T>(RowGroupReader group, int index, int rows)
        where T : unmanaged
    {
        var values = new T?[rows];
        Read<T>(group, index, (row, _, value) => values[row] = value);
        return values;
    }

    /// <summary>The items of each row's list, or of each row's keys or values of a map; null where there is no list.</summary>
    public static List<string?>?[] ReadLists(RowGroupReader group, int index, int rows)
    {
        var lists = new List<string?>?[rows];
        var (exists, item) = ListLevels(group, index);
        Read<ByteArray>(group, index, (row, level, value) =>
        {
            if (level >= exists)
                lists[row] ??= [];
            if (level >= item)
                lists[row]!.Add(value is { } bytes ? Text(bytes) : null);
        });
        return lists;
    }

    private static unsafe string Text(ByteArray bytes) =>
        System.Text.Encoding.UTF8.GetString(new ReadOnlySpan<byte>((void*)bytes.Pointer, bytes.Length));

    /// <summary>The definition levels from which on a list, and an item of it, is there.</summary>
    private static (short Exists, short Item) ListLevels(RowGroupReader group, int index)
    {
        using var reader = group.Column(index);
        List<Repetition> path = [];
        for (var node = reader.ColumnDescriptor.SchemaNode; node is not null; node = node.Parent)
            path.Add(node.Repetition);
        path.Reverse();

        // The root is of no level.
        short level = 0;
        foreach (var repetition in path.Skip(1))
        {
            if (repetition == Repetition.Repeated)
                return (level, (short)(level + 1));
            if (repetition == Repetition.Optional)
                level++;
        }

        throw new InvalidDataException("A list or map of the checkpoint does not repeat.");
    }

    /// <summary>Calls back for each level of the column: row, definition level, and the value if there is one.</summary>
    private static void Read<T>(RowGroupReader group, int index, Action<int, short, T?> each)
        where T : unmanaged
    {
        using var reader = group.Column(index) as ColumnReader<T>
            ?? throw new InvalidDataException($"Column {index} of the checkpoint has another type than the protocol says.");
        var (highest, repeats) = (reader.ColumnDescriptor.MaxDefinitionLevel, reader.ColumnDescriptor.MaxRepetitionLevel > 0);
        var definitions = new short[BatchRows];
        var repetitions = new short[BatchRows];
        var values = new T[BatchRows];
        var row = -1;
        while (reader.HasNext)
        {
            var levels = reader.ReadBatch(BatchRows, definitions, repetitions, values, out var count);
            if (highest == 0 && !repeats)
                levels = count;
            for (int i = 0, value = 0; i < levels; i++)
            {
                if (!repeats || repetitions[i] == 0)
                    row++;
                var level = highest == 0 ? (short)0 : definitions[i];
                each(row, level, level == highest ? values[value++] : null);
            }

            if (levels == 0)
                break;
        }
    }
}
