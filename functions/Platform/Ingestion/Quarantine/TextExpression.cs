using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Expressions;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A patch's expression over the texts of the row at hand. Not for more than one thread.</summary>
internal sealed class TextExpression
{
    private readonly TypedTerm<ReadOnlyMemory<byte>> _term;
    private readonly RowFault _fault = new();

    private TextExpression(string column, TypedTerm<ReadOnlyMemory<byte>> term) => (Column, _term) = (column, term);

    public string Column { get; }

    /// <param name="row">Whose values it reads.</param>
    /// <param name="known">Names of the input's that a row may lack; others it must have, for a name that is misspelt would be null everywhere.</param>
    /// <exception cref="ExpressionException">It cannot be computed.</exception>
    public static TextExpression Create(string column, ParsedExpression expression, ReplayRow row, IReadOnlySet<string> known)
    {
        var columns = NamesIn(expression.Tree).Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name => new ExpressionColumn(name, new ValueTerm(row, name.Equals(FieldTerms.Value, StringComparison.OrdinalIgnoreCase) ? column : name, known)));
        return new TextExpression(column, (TypedTerm<ReadOnlyMemory<byte>>)ExpressionCompiler.Compile(expression, columns, TermType.Text));
    }

    /// <summary>The names of fields in an expression.</summary>
    public static IEnumerable<string> NamesIn(JsonElement node)
    {
        switch (node.ValueKind)
        {
            case JsonValueKind.Object when ExpressionCompiler.Text(node, "class") == "COLUMN_REF":
                return node.GetProperty("column_names").EnumerateArray().Select(name => name.GetString()!).TakeLast(1);
            case JsonValueKind.Object:
                return node.EnumerateObject().SelectMany(member => NamesIn(member.Value));
            case JsonValueKind.Array:
                return node.EnumerateArray().SelectMany(NamesIn);
            default:
                return [];
        }
    }

    /// <returns>False when it has no result for this row, with the reason.</returns>
    public bool TryCompute(out ReplayValue value, out string? fault)
    {
        _fault.Clear();
        var present = _term.TryGet(_fault, out var text);
        fault = _fault.Message;

        // What the term holds is overwritten with the next row.
        value = present ? new ReplayValue(text.ToArray(), IsNew: true) : new ReplayValue(null, IsNew: true);
        return !_fault.IsSet;
    }

    private sealed class ValueTerm(ReplayRow row, string name, IReadOnlySet<string> known) : TypedTerm<ReadOnlyMemory<byte>>(TermType.Text)
    {
        private readonly string? _unknown = known.Contains(name) ? null : $"neither the row nor the contract has '{ObjectReader.Shorten(name)}'";

        public override bool TryGet(RowFault fault, out ReadOnlyMemory<byte> value)
        {
            var found = row.Find(name);
            value = found?.Bytes ?? default;
            return found is null && _unknown is not null ? fault.Set(_unknown) : found?.Bytes is not null;
        }
    }
}
