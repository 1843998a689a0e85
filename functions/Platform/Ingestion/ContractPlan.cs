using DataPlatform.Catalog;
using DataPlatform.Sql;

namespace DataPlatform.Ingestion;

/// <summary>A contract made ready for its rows: what the SQL parser and the settings have to say is there.</summary>
/// <param name="Expressions">By the place of their field.</param>
/// <param name="Conditions">Of the checks, in their order.</param>
/// <param name="PiiKey">For hashes; null when no field needs one.</param>
public sealed record ContractPlan(
    DatasetDefinition Definition, IReadOnlyDictionary<int, ParsedExpression> Expressions, IReadOnlyList<ParsedExpression> Conditions, byte[]? PiiKey)
{
    /// <summary>Of a contract without expressions, checks and hashes.</summary>
    public static ContractPlan Plain(DatasetDefinition definition) => new(definition, new Dictionary<int, ParsedExpression>(), [], null);
}
