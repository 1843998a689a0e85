using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Expressions;
using DataPlatform.Sql;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Checks patches and makes them ready.</summary>
public sealed class ReplayPlanner(CatalogStore catalog, ContractPlans plans, SqlInspector inspector)
{
    private const string Code = "InvalidPatch";

    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>InvalidPatch</c> with every mistake.</exception>
    internal async Task<ReplayPlan> CreateAsync(string dataset, ReplayPatch? patch, CancellationToken cancellationToken)
    {
        patch ??= new ReplayPatch();
        var entry = patch.DefinitionVersion is { } version
            ? await catalog.GetAsync<DatasetDefinition>(dataset, version, cancellationToken)
            : await catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        List<FailureDetail> mistakes = [];
        CheckPersonal(entry.Definition, patch, mistakes);
        List<(string, ParsedExpression)> expressions = [];
        foreach (var (column, sql) in patch.Expressions ?? new Dictionary<string, string>())
        {
            if (await ParseAsync(column, sql, mistakes, cancellationToken) is { } expression)
                expressions.Add((column, expression));
        }

        var changed = Change(entry, patch, mistakes);
        if (mistakes.Count > 0)
            throw Refused(mistakes);
        return new ReplayPlan(entry.Version, await ContractAsync(entry, changed, cancellationToken), patch, expressions);
    }

    private async Task<ContractPlan> ContractAsync(CatalogEntry<DatasetDefinition> entry, JsonObject? changed, CancellationToken cancellationToken)
    {
        if (changed is null)
            return await plans.GetAsync(entry.Definition, entry.Version, cancellationToken);
        try
        {
            var document = JsonSerializer.SerializeToUtf8Bytes(changed, PlatformJson.Options);
            return await plans.CreateAsync(DefinitionParser.Parse<DatasetDefinition>(document, entry.Definition.Name), cancellationToken);
        }
        catch (TerminalException failure) when (failure.Code == "InvalidDefinition")
        {
            throw Refused([.. failure.Details]);
        }
    }

    private async Task<ParsedExpression?> ParseAsync(string column, string sql, List<FailureDetail> mistakes, CancellationToken cancellationToken)
    {
        var path = $"$.patch.expressions.{column}";
        try
        {
            var expression = await inspector.ParseExpressionAsync(sql, path, cancellationToken);
            _ = TextExpression.Create(column, expression, new ReplayRow(), new HashSet<string>());
            return expression;
        }
        catch (TerminalException failure) when (failure.Code == SqlInspector.ErrorCode)
        {
            mistakes.Add(new FailureDetail("InvalidExpression", failure.Message, path));
        }
        catch (ExpressionException fault)
        {
            mistakes.Add(new FailureDetail("InvalidExpression", fault.Message, path));
        }

        return null;
    }

    /// <summary>What rows of such datasets have in quarantine is protected already; new values would not be.</summary>
    private static void CheckPersonal(DatasetDefinition definition, ReplayPatch patch, List<FailureDetail> mistakes)
    {
        var personal = definition.Fields.Where(field => field.Pii is not null).Select(field => field.InputName).ToHashSet(StringComparer.Ordinal);
        foreach (var (member, columns) in new (string, IEnumerable<string>)[]
        {
            ("expressions", patch.Expressions?.Keys ?? []), ("set", patch.Set?.Keys ?? []), ("rename", patch.Rename?.Values.OfType<string>() ?? []),
        })
        {
            foreach (var column in columns.Where(personal.Contains))
                mistakes.Add(new FailureDetail("PersonalValue", $"'{column}' holds personal values, which a replay does not write anew: send such rows again.", $"$.patch.{member}"));
        }
    }

    /// <returns>The contract's document with the patch in it; null when it stays as it is.</returns>
    private static JsonObject? Change(CatalogEntry<DatasetDefinition> entry, ReplayPatch patch, List<FailureDetail> mistakes)
    {
        if ((patch.Defaults?.Count ?? 0) + (patch.NullTokens?.Count ?? 0) + (patch.Formats?.Count ?? 0) == 0)
            return null;
        var document = JsonNode.Parse(entry.Document.Span)!.AsObject();
        foreach (var (column, value) in patch.Defaults ?? new Dictionary<string, JsonElement>())
        {
            if (Field(document, "defaults", column, mistakes) is { } field)
                field["default"] = JsonNode.Parse(value.GetRawText());
        }

        foreach (var (column, tokens) in patch.NullTokens ?? new Dictionary<string, IReadOnlyList<string>>())
            Append(document, "nullTokens", column, tokens, [], mistakes);
        foreach (var (column, formats) in patch.Formats ?? new Dictionary<string, IReadOnlyList<string>>())
            Append(document, "formats", column, formats, ["iso"], mistakes);
        return document;
    }

    /// <param name="implied">What holds where the contract says nothing.</param>
    private static void Append(
        JsonObject document, string member, string column, IReadOnlyList<string> more, IReadOnlyList<string> implied, List<FailureDetail> mistakes)
    {
        if (Field(document, member, column, mistakes) is not { } field)
            return;
        var present = field[member]?.AsArray().Select(item => item!.GetValue<string>()) ?? implied;
        field[member] = new JsonArray([.. present.Union(more).Select(item => JsonValue.Create(item))]);
    }

    private static JsonObject? Field(JsonObject document, string member, string column, List<FailureDetail> mistakes)
    {
        var fields = document["fields"]!.AsArray().Select(field => field!.AsObject()).ToList();
        var found = fields.Find(field => (string?)(field["source"] ?? field["name"]) == column);
        if (found is null)
        {
            mistakes.Add(new FailureDetail("UnknownField", $"The contract reads no field '{column}'.{DidYouMean.Sentence(column, fields.Select(field => (string)(field["source"] ?? field["name"])!))}", $"$.patch.{member}"));
        }

        return found;
    }

    private static TerminalException Refused(List<FailureDetail> mistakes) => new(
        FailureKind.Invalid, Code,
        mistakes.Count == 1 ? $"The patch has a mistake at {mistakes[0].Target}: {mistakes[0].Message}" : $"The patch has {mistakes.Count} mistakes, all in 'details'. The first, at {mistakes[0].Target}: {mistakes[0].Message}",
        mistakes[0].Target, mistakes);
}
