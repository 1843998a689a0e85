using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>The limits of Azure tables, held in both row stores, so that what works on one works on the other.</summary>
public static class RowLimits
{
    public const int MaxValueBytes = 512 << 10;

    public const int MaxKeyLength = 512;

    public const int MaxBatchOperations = 100;

    /// <summary>Values of one batch. Azure takes requests of 4 MiB, in which values stand as Base64.</summary>
    public const int MaxBatchBytes = 2560 << 10;

    private const int MaxTableNameLength = 50;

    /// <exception cref="TerminalException"><c>InvalidTable</c>: a defect of the caller.</exception>
    internal static void CheckTable(string table)
    {
        var valid = table.Length is > 0 and <= MaxTableNameLength && char.IsAsciiLetterLower(table[0]);
        foreach (var c in table)
            valid &= char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-';
        if (!valid)
        {
            throw new TerminalException(
                FailureKind.Internal,
                "InvalidTable",
                $"The row table '{table}' needs a name of 1 to {MaxTableNameLength} characters a-z, 0-9, '_', '-', the first a letter.");
        }
    }

    /// <exception cref="TerminalException"><c>InvalidKey</c>.</exception>
    internal static void CheckKey(RowKey key)
    {
        CheckKeyPart(key.Partition, "partition");
        CheckKeyPart(key.Id, "id");
    }

    internal static void CheckKeyPart(string value, string name)
    {
        if (KeyFault(value) is { } fault)
            throw new TerminalException(FailureKind.Invalid, "InvalidKey", $"The row {name} '{value}' is not usable: {fault}.", name);
    }

    /// <exception cref="TerminalException"><c>RowTooLarge</c>.</exception>
    internal static void CheckValue(RowKey key, ReadOnlyMemory<byte> value)
    {
        if (value.Length > MaxValueBytes)
        {
            throw new TerminalException(
                FailureKind.TooLarge,
                "RowTooLarge",
                $"The row '{key.Partition}' / '{key.Id}' has {value.Length} bytes; a row holds at most {MaxValueBytes}.");
        }
    }

    /// <exception cref="TerminalException"><c>InvalidBatch</c>, <c>InvalidKey</c>, <c>RowTooLarge</c>.</exception>
    internal static void CheckBatch(IReadOnlyList<RowOperation> operations)
    {
        if (operations.Count is 0 or > MaxBatchOperations)
            throw InvalidBatch($"it has {operations.Count} operations, not 1 to {MaxBatchOperations}");

        var ids = new HashSet<string>(operations.Count, StringComparer.Ordinal);
        long bytes = 0;
        foreach (var operation in operations)
        {
            CheckKey(operation.Key);
            CheckValue(operation.Key, operation.Value);
            if (operation.Key.Partition != operations[0].Key.Partition)
                throw InvalidBatch($"it spans the partitions '{operations[0].Key.Partition}' and '{operation.Key.Partition}'");
            if (!ids.Add(operation.Key.Id))
                throw InvalidBatch($"it names the row '{operation.Key.Id}' twice");
            bytes += operation.Value.Length;
        }

        if (bytes > MaxBatchBytes)
            throw InvalidBatch($"its values have {bytes} bytes, more than {MaxBatchBytes}");
    }

    private static TerminalException InvalidBatch(string fault) =>
        new(FailureKind.Internal, "InvalidBatch", $"The batch of row operations is not usable: {fault}.");

    private static string? KeyFault(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return "it is empty";
        if (value.Length > MaxKeyLength)
            return $"it is longer than {MaxKeyLength} characters";

        if (!WellFormed.Check(value))
            return "it has half of a surrogate pair";

        foreach (var c in value)
        {
            if (c is '/' or '\\' or '#' or '?' || char.IsControl(c))
                return "it has one of / \\ # ? or a control character";
        }

        return null;
    }
}
