using System.Text.Json;

namespace DataPlatform.Operational;

/// <summary>What the row store keeps of a key.</summary>
internal sealed record OperationalRow
{
    public required RowPosition Position { get; init; }

    /// <summary>The key in address form; null where the row's object has it.</summary>
    public string? Key { get; init; }

    /// <summary>The batch the row came in; with its place in it this names the row, also across rebuilds.</summary>
    public required string Batch { get; init; }

    /// <summary>The key was deleted; what is left is its position.</summary>
    public bool Deleted { get; init; }

    /// <summary>The row as an answer has it; null of deleted ones.</summary>
    public JsonElement? Values { get; init; }

    /// <summary>The object that has the key and the values, when they are too large for the row store.</summary>
    public string? Object { get; init; }

    public string ETag => FormattableString.Invariant($"{Batch}.{Position.Row}");
}
