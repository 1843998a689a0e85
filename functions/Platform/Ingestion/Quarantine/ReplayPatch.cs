using System.Text.Json;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What a replay changes before rows are checked again. Fields are named as the input names them. Rename comes first, then expressions, then
/// set; the others change the contract for this replay.</summary>
public sealed record ReplayPatch
{
    /// <summary>The contract that the rows are checked against; null takes the newest.</summary>
    public long? DefinitionVersion { get; init; }

    /// <summary>The input's name to another one; null leaves the values out.</summary>
    public IReadOnlyDictionary<string, string?>? Rename { get; init; }

    /// <summary>What is stored where there is no value.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Defaults { get; init; }

    /// <summary>More texts that stand for null.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? NullTokens { get; init; }

    /// <summary>More ways in which dates and times are written.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Formats { get; init; }

    /// <summary>SQL over the texts of the row as they came; <c>value</c> is the field's own. Gives the field's new text.</summary>
    public IReadOnlyDictionary<string, string>? Expressions { get; init; }

    /// <summary>One value for all rows.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Set { get; init; }

    /// <summary>Whether rows have other texts than they came with.</summary>
    internal bool ChangesRows => Rename is { Count: > 0 } || Expressions is { Count: > 0 } || Set is { Count: > 0 };
}
