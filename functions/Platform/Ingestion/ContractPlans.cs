using System.Collections.Concurrent;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Expressions;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion;

/// <summary>Makes contracts ready for their rows, once for each definition version.</summary>
public sealed class ContractPlans(SqlInspector inspector, IOptions<PlatformOptions> options)
{
    private const int MaxPlans = 1024;
    private const int MinKeyLength = 32;
    private const string MissingKey = "PiiKeyMissing";
    private const string Invalid = "InvalidExpression";

    private readonly ConcurrentDictionary<(string Dataset, long Version), ContractPlan> _plans = new();

    /// <param name="version">The definition's version.</param>
    /// <exception cref="TerminalException">The stored contract cannot be worked with: <c>PiiKeyMissing</c>, <c>InvalidExpression</c>.</exception>
    public async Task<ContractPlan> GetAsync(DatasetDefinition definition, long version, CancellationToken cancellationToken)
    {
        if (_plans.TryGetValue((definition.Name, version), out var known))
            return known;

        var plan = await CreateAsync(definition, cancellationToken);
        if (_plans.Count >= MaxPlans)
            _plans.Clear();
        _plans[(definition.Name, version)] = plan;
        return plan;
    }

    /// <summary>Checks all that can be wrong with a contract's expressions, checks, defaults and hashes.</summary>
    /// <exception cref="TerminalException"><c>InvalidDefinition</c> with every mistake, at its JSON path.</exception>
    public async Task<ContractPlan> CreateAsync(DatasetDefinition definition, CancellationToken cancellationToken)
    {
        List<FailureDetail> mistakes = [];
        var expressions = new Dictionary<int, ParsedExpression>();
        var conditions = new List<ParsedExpression>();
        for (var i = 0; i < definition.Fields.Count; i++)
        {
            if (definition.Fields[i].Expression is { } expression && await ParseAsync(expression, $"$.fields[{i}].expression", mistakes, cancellationToken) is { } parsed)
                expressions.Add(i, parsed);
        }

        for (var i = 0; i < definition.Checks.Count; i++)
        {
            if (await ParseAsync(definition.Checks[i].Condition, $"$.checks[{i}].condition", mistakes, cancellationToken) is { } parsed)
                conditions.Add(parsed);
        }

        byte[]? key = null;
        if (definition.Fields.Any(field => field.Pii == PiiRule.Hash))
        {
            key = Encoding.UTF8.GetBytes(options.Value.PiiKey);
            if (options.Value.PiiKey.Length < MinKeyLength)
                mistakes.Add(new FailureDetail(MissingKey, $"'pii': 'hash' needs the setting DataPlatform:PiiKey, a secret of at least {MinKeyLength} characters: have it set, or say 'mask' or 'drop'.", PathOfHash(definition)));
        }

        if (mistakes.Count == 0)
            Try(definition, expressions, conditions, mistakes);
        return mistakes.Count == 0 ? new ContractPlan(definition, expressions, conditions, key) : throw Refused(definition, mistakes);
    }

    private static string PathOfHash(DatasetDefinition definition) =>
        $"$.fields[{definition.Fields.Select((field, index) => (field, index)).First(item => item.field.Pii == PiiRule.Hash).index}].pii";

    private static TerminalException Refused(DatasetDefinition definition, List<FailureDetail> mistakes)
    {
        var first = mistakes[0];
        return new TerminalException(
            FailureKind.Invalid,
            mistakes.TrueForAll(mistake => mistake.Code == MissingKey) ? MissingKey : "InvalidDefinition",
            mistakes.Count == 1
                ? $"The definition of dataset '{definition.Name}' has a mistake at {first.Target}: {first.Message}"
                : $"The definition of dataset '{definition.Name}' has {mistakes.Count} mistakes, all in 'details'. The first, at {first.Target}: {first.Message}",
            first.Target,
            mistakes);
    }

    private async Task<ParsedExpression?> ParseAsync(string expression, string path, List<FailureDetail> mistakes, CancellationToken cancellationToken)
    {
        try
        {
            return await inspector.ParseExpressionAsync(expression, path, cancellationToken);
        }
        catch (TerminalException failure) when (failure.Code == SqlInspector.ErrorCode)
        {
            mistakes.Add(new FailureDetail(Invalid, failure.Message, path));
            return null;
        }
    }

    /// <summary>Compiles everything over columns without rows, and reads each default.</summary>
    private static void Try(
        DatasetDefinition definition, Dictionary<int, ParsedExpression> expressions, List<ParsedExpression> conditions, List<FailureDetail> mistakes)
    {
        using var rows = new RowCollector(ContractPlan.Plain(definition with { Checks = [] }), [], IngestionLimits.Default);
        for (var i = 0; i < definition.Fields.Count; i++)
        {
            var slot = rows.Slots[i];
            if (expressions.TryGetValue(i, out var expression))
                Try(expression, $"$.fields[{i}].expression", FieldTerms.Of(rows.Slots, slot), TermType.Of(slot.Column), mistakes);
            if (slot.Default is { } value && slot.Result.Append(value) is var rule and not RowRule.None)
                mistakes.Add(new FailureDetail("InvalidDefault", $"'{ObjectReader.Shorten(slot.Field.Default!)}' breaks the field's own rules: {RuleMessage.For(slot, rule, null).Message}", $"$.fields[{i}].default"));
        }

        for (var i = 0; i < conditions.Count; i++)
            Try(conditions[i], $"$.checks[{i}].condition", FieldTerms.Of(rows.Slots, null), TermType.Bool, mistakes);
    }

    private static void Try(
        ParsedExpression expression, string path, IReadOnlyList<ExpressionColumn> columns, TermType? target, List<FailureDetail> mistakes)
    {
        try
        {
            if (target is null)
                throw new ExpressionException("Fields of type binary cannot have an expression.");
            ExpressionCompiler.Compile(expression, columns, target.Value);
        }
        catch (ExpressionException fault)
        {
            mistakes.Add(new FailureDetail(Invalid, fault.Message, path));
        }
    }
}
