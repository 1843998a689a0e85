using DataPlatform.App.Catalog;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Ingestion;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>The PUT of a contract, which tells what changed.</summary>
public sealed class ContractPut(CatalogStore catalog, ContractCheck check)
{
    /// <summary>201 when the contract is new, else 200; with the changes and the document as it is now.</summary>
    public async Task<IResult> PutAsync(HttpRequest request, string name, CancellationToken cancellationToken)
    {
        var compatibility = Read(new QueryOptions(request, "compatibility").Text("compatibility"));
        var condition = Preconditions.Read(request);
        var document = await DocumentReader.ReadAsync(request, cancellationToken);
        await check.CheckAsync(DefinitionParser.Parse<DatasetDefinition>(document, name), cancellationToken);
        IReadOnlyList<ContractChange> changes = [];
        var result = await catalog.PutAsync<DatasetDefinition>(name, document, condition, cancellationToken,
            async (before, after) => changes = await check.CompareAsync(before, after, compatibility, cancellationToken));
        var status = result.Outcome == PutOutcome.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        return new JsonAnswer(status, ContractAnswer.Of(result, changes)) { Headers = DefinitionHandler<DatasetDefinition>.HeadersOf(result.Entry) };
    }

    private static Compatibility Read(string? word) =>
        word is null ? Compatibility.Backward
        : EnumNames.TryParse<Compatibility>(word, out var value) ? value
        : throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The query option 'compatibility' must be backward (default) or none.", "compatibility");
}
