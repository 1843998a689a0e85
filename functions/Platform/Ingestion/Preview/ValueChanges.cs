using System.Text.Json;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Counts values that change in rows which load under both contracts, by column.</summary>
/// <param name="hidden">Columns whose values must not be shown.</param>
internal sealed class ValueChanges(IReadOnlySet<string> hidden)
{
    private const int MaxExamples = 5;
    private const int MaxShown = 256;
    private static readonly JsonElement Null = JsonElement.Parse("null");

    private readonly Dictionary<string, DryRunField> _fields = new(StringComparer.Ordinal);

    /// <summary>Rows with a value that changes.</summary>
    public long Rows { get; private set; }

    /// <summary>The columns that a contract's personal values may be in.</summary>
    public static IReadOnlySet<string> HiddenOf(DatasetDefinition contract)
    {
        var personal = contract.Fields.Where(field => field.Pii is not null).ToList();
        var inputs = personal.Select(field => field.InputName).ToHashSet(StringComparer.Ordinal);

        // An expression may take its value from any field.
        var columns = contract.Fields
            .Where(field => inputs.Contains(field.InputName) || (inputs.Count > 0 && field.Expression is not null))
            .SelectMany(field => new[] { field.Name, field.InputName });
        return columns.SelectMany(column => new[] { column, column + UnexpectedRules.VariantSuffix }).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    public void Add(string batch, RowOutcome before, RowOutcome after)
    {
        if (!before.Loads || !after.Loads || before.Values.Span.SequenceEqual(after.Values.Span))
            return;

        using var old = JsonDocument.Parse(before.Values);
        using var next = JsonDocument.Parse(after.Values);
        var names = next.RootElement.EnumerateObject().Concat(old.RootElement.EnumerateObject()).Select(member => member.Name).Distinct(StringComparer.Ordinal);
        var changed = false;
        foreach (var name in names)
        {
            var (was, becomes) = (ValueOf(old, name), ValueOf(next, name));
            if (was.GetRawText() == becomes.GetRawText())
                continue;
            changed = true;
            var shown = hidden.Contains(name) ? new DryRunValue(batch, after.Row, null, null) : new DryRunValue(batch, after.Row, Shown(was), Shown(becomes));
            Add(new DryRunField(name, 1, [shown]));
        }

        Rows += changed ? 1 : 0;
    }

    public void Add(ValueChanges others)
    {
        Rows += others.Rows;
        foreach (var field in others._fields.Values)
            Add(field);
    }

    public IReadOnlyList<DryRunField> ToList() =>
        [.. _fields.Values.OrderByDescending(field => field.Changed).ThenBy(field => field.Column, StringComparer.Ordinal)];

    private static JsonElement ValueOf(JsonDocument row, string name) => row.RootElement.TryGetProperty(name, out var value) ? value : Null;

    private static JsonElement Shown(JsonElement value) =>
        value.GetRawText() is { Length: > MaxShown } text ? JsonSerializer.SerializeToElement(text[..MaxShown] + "…") : value.Clone();

    private void Add(DryRunField field)
    {
        if (!_fields.TryGetValue(field.Column, out var known))
            known = new DryRunField(field.Column, 0, []);
        _fields[field.Column] = known with
        {
            Changed = known.Changed + field.Changed,
            Examples = known.Examples.Count < MaxExamples ? [.. known.Examples, .. field.Examples.Take(MaxExamples - known.Examples.Count)] : known.Examples,
        };
    }
}
