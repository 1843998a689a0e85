using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables;

/// <summary>
/// The members <c>inputs</c> and <c>inputsBy</c> of a <c>commitInfo</c>. <c>inputs</c> says, by table name, up to which version of which other tables
/// the table at this version holds everything; <c>inputsBy</c> says the same for each of the table's writers. Every commit of a table that has
/// inputs carries both, so that one commit is enough to know.
/// </summary>
internal static class TableInputs
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, TableInput>> None =
        new Dictionary<string, IReadOnlyDictionary<string, TableInput>>();

    /// <returns>The inputs by writer; empty when the commit has none.</returns>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, TableInput>> Read(JsonObject? info) =>
        info?[CommitInfoNames.InputsBy] is JsonObject by
            ? by.Deserialize(ProtocolJson.Default.IReadOnlyDictionaryStringIReadOnlyDictionaryStringTableInput) ?? None
            : None;

    /// <summary>Puts the inputs into a <c>commitInfo</c>: those of the commits before, with what this one changes.</summary>
    /// <param name="last">The newest <c>commitInfo</c> of the table that has some.</param>
    public static void Write(JsonObject info, JsonObject? last, WriterInputs? change)
    {
        if (change is null)
        {
            if (last is null)
                return;
            info[CommitInfoNames.Inputs] = last[CommitInfoNames.Inputs]?.DeepClone();
            info[CommitInfoNames.InputsBy] = last[CommitInfoNames.InputsBy]?.DeepClone();
            return;
        }

        var before = Read(last);
        var by = new SortedDictionary<string, IReadOnlyDictionary<string, TableInput>>(StringComparer.Ordinal);
        foreach (var (writer, assumed) in change.Others)
            by[writer] = before.GetValueOrDefault(writer, assumed);
        by[change.Writer] = change.Inputs;
        info[CommitInfoNames.Inputs] = JsonSerializer.SerializeToNode(
            Together(by.Values), ProtocolJson.Default.IReadOnlyDictionaryStringTableInput);
        info[CommitInfoNames.InputsBy] = JsonSerializer.SerializeToNode(
            by, ProtocolJson.Default.IReadOnlyDictionaryStringIReadOnlyDictionaryStringTableInput);
    }

    /// <summary>Puts the inputs of an older version into a <c>commitInfo</c>: none where it had none.</summary>
    public static void PutBack(JsonObject info, JsonObject? last, JsonObject? older)
    {
        if (older is not null || last is null)
        {
            Write(info, older, change: null);
            return;
        }

        info[CommitInfoNames.Inputs] = new JsonObject();
        info[CommitInfoNames.InputsBy] = new JsonObject();
    }

    /// <summary>What holds for all of them.</summary>
    public static IReadOnlyDictionary<string, TableInput> Together(IEnumerable<IReadOnlyDictionary<string, TableInput>> several)
    {
        var all = new SortedDictionary<string, TableInput>(StringComparer.Ordinal);
        foreach (var (table, input) in several.SelectMany(inputs => inputs))
            all[table] = all.TryGetValue(table, out var other) ? other.And(input) : input;
        return all;
    }
}
