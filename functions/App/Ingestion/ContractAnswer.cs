using System.Text.Json.Nodes;
using DataPlatform.Catalog;

namespace DataPlatform.App.Ingestion;

/// <summary>What the PUT of a contract answers.</summary>
/// <param name="Outcome"><c>created</c>, <c>replaced</c> or <c>unchanged</c>.</param>
/// <param name="DefinitionVersion">Of the contract now.</param>
/// <param name="Changes">Against the contract that was replaced.</param>
/// <param name="Definition">The document as it is now.</param>
public sealed record ContractAnswer(string Outcome, long DefinitionVersion, IReadOnlyList<ContractChange> Changes, JsonNode? Definition)
{
    public static ContractAnswer Of(PutResult<DatasetDefinition> result, IReadOnlyList<ContractChange> changes) => new(
        EnumNames.Of(result.Outcome), result.Entry.Version, result.Outcome == PutOutcome.Replaced ? changes : [], JsonNode.Parse(result.Entry.Document.Span));
}
