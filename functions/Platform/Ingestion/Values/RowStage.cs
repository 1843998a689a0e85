using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>
/// What a contract asks of a row once all its values are read: expressions, defaults, required values, checks, unique keys, personal values.
/// Contracts that ask nothing of it have none.
/// </summary>
internal sealed class RowStage
{
    private readonly List<ComputedField> _computed = [];
    private readonly List<ColumnSlot> _defaults = [];
    private readonly List<ColumnSlot> _required = [];
    private readonly List<RowCheck> _checks = [];
    private readonly List<RowCheck> _broken = [];
    private readonly List<ColumnSlot> _key = [];
    private readonly List<ColumnSlot> _personal = [];
    private readonly RowFault _fault = new();
    private readonly KeySet? _keys;
    private readonly PiiProtector _protector;

    private RowStage(ContractPlan plan, IReadOnlyList<ColumnSlot> slots, PiiProtector protector, IngestionLimits limits)
    {
        _protector = protector;
        for (var i = 0; i < slots.Count; i++)
        {
            var slot = slots[i];
            if (plan.Expressions.TryGetValue(i, out var expression))
                _computed.Add(ComputedField.Create(slot, ExpressionCompiler.Compile(expression, FieldTerms.Of(slots, slot), TermType.Of(slot.Column)!.Value)));
            if (slot.Default is not null)
                _defaults.Add(slot);
            else if (slot is { Required: true, IsLate: true })
                _required.Add(slot);
            if (slot.Field.Pii is not null)
                _personal.Add(slot);
            if (plan.Definition.Unique && plan.Definition.Key.Contains(slot.Field.Name))
                _key.Add(slot);
        }

        for (var i = 0; i < plan.Conditions.Count; i++)
            _checks.Add(new RowCheck(plan.Definition.Checks[i], (TypedTerm<bool>)ExpressionCompiler.Compile(plan.Conditions[i], FieldTerms.Of(slots, null), TermType.Bool)));
        if (_key.Count > 0)
            _keys = new KeySet(limits.MaxUniqueKeys);
    }

    /// <summary>Rows that broke checks which only warn, by check; null when there are none.</summary>
    public IReadOnlyDictionary<string, long>? Warnings =>
        _checks.Exists(check => check.Warnings > 0)
            ? _checks.Where(check => check.Warnings > 0).ToDictionary(check => check.Definition.Name, check => check.Warnings, StringComparer.Ordinal)
            : null;

    /// <returns>Null when the contract asks for nothing at the end of a row.</returns>
    public static RowStage? Create(ContractPlan plan, IReadOnlyList<ColumnSlot> slots, PiiProtector protector, IngestionLimits limits)
    {
        var stage = new RowStage(plan, slots, protector, limits);
        var idle = stage._computed.Count + stage._defaults.Count + stage._required.Count + stage._checks.Count + stage._key.Count + stage._personal.Count == 0;
        return idle ? null : stage;
    }

    /// <summary>Forgets the rows before: the next one is the first of a batch.</summary>
    public void Restart()
    {
        _keys?.Clear();
        foreach (var check in _checks)
            check.Warnings = 0;
    }

    /// <summary>Works on the newest row of all columns, which has no error yet.</summary>
    public RowEnd Finish(List<RowError> errors)
    {
        Compute(errors);
        if (errors.Count > 0)
            return RowEnd.Quarantine;
        foreach (var slot in _defaults)
        {
            if (IsNull(slot))
                Fill(slot);
        }

        foreach (var slot in _required)
        {
            if (IsNull(slot))
                errors.Add(RuleMessage.For(slot, RowRule.Required, null));
        }

        if (errors.Count > 0)
            return RowEnd.Quarantine;
        var end = Check(errors);
        if (end == RowEnd.Load && _keys is not null && !TryAddKey())
            end = RowEnd.Duplicate;
        if (end == RowEnd.Load)
        {
            foreach (var check in _broken)
                check.Warnings++;
            Protect();
        }

        return end;
    }

    private static bool IsNull(ColumnSlot slot) => slot.Buffer.IsNull(slot.Buffer.Rows - 1);

    private static void Fill(ColumnSlot slot)
    {
        slot.Buffer.RemoveLast();

        // It was tried when the contract was put.
        if (slot.Result.Append(slot.Default) != RowRule.None)
            slot.Buffer.AppendNull();
    }

    private void Compute(List<RowError> errors)
    {
        foreach (var field in _computed)
        {
            _fault.Clear();
            field.Compute(_fault);
            if (_fault.IsSet)
                errors.Add(new RowError(field.Slot.Field.InputName, RowRule.Expression, $"The expression of '{field.Slot.Field.Name}' has no result: {_fault.Message}."));
        }

        if (errors.Count > 0)
            return;
        foreach (var field in _computed)
        {
            if (field.Store() is var rule and not RowRule.None)
                errors.Add(RuleMessage.For(field.Slot, rule, null));
        }
    }

    private RowEnd Check(List<RowError> errors)
    {
        var discard = false;
        _broken.Clear();
        foreach (var check in _checks)
        {
            _fault.Clear();
            if (check.Holds(_fault))
                continue;
            switch (check.Definition.OnFail)
            {
                case CheckAction.Warn:
                    _broken.Add(check);
                    break;
                case CheckAction.DiscardRow:
                    discard = true;
                    break;
                default:
                    errors.Add(check.Error(_fault));
                    break;
            }
        }

        return errors.Count > 0 ? RowEnd.Quarantine : discard ? RowEnd.Discard : RowEnd.Load;
    }

    private bool TryAddKey()
    {
        _keys!.Begin();
        Span<byte> value = stackalloc byte[16];
        foreach (var slot in _key)
        {
            switch (slot.Buffer)
            {
                case BytesColumnBuffer texts:
                    _keys.Append(texts.Last.Span);
                    break;
                case FixedColumnBuffer<Int128> wides:
                    BinaryPrimitives.WriteInt128LittleEndian(value, wides.Values[^1]);
                    _keys.Append(value);
                    break;
                case FixedColumnBuffer<long> longs:
                    _keys.Append(MemoryMarshal.AsBytes(longs.Values[^1..]));
                    break;
                case FixedColumnBuffer<int> ints:
                    _keys.Append(MemoryMarshal.AsBytes(ints.Values[^1..]));
                    break;
                case FixedColumnBuffer<bool> bools:
                    _keys.Append(MemoryMarshal.AsBytes(bools.Values[^1..]));
                    break;
                case FixedColumnBuffer<double> floats:
                    // Zero and minus zero are equal.
                    BinaryPrimitives.WriteDoubleLittleEndian(value, floats.Values[^1] + 0.0);
                    _keys.Append(value[..8]);
                    break;
            }
        }

        return _keys.TryAdd();
    }

    private void Protect()
    {
        foreach (var slot in _personal)
        {
            if (IsNull(slot))
                continue;
            var value = slot.Buffer is BytesColumnBuffer texts ? texts.Last.Span : default;
            var kept = _protector.TryProtect(value, slot.Field.Pii!.Value, out var protectedValue);
            slot.Buffer.RemoveLast();
            if (kept)
                ((BytesColumnBuffer)slot.Buffer).Append(protectedValue);
            else
                slot.Buffer.AppendNull();
        }
    }
}
