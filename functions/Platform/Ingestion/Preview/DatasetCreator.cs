using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;
using DataPlatform.Sql;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Takes batches for datasets that nobody has defined, where the setting <c>OnUnknownDataset</c> lets their first batch do it.</summary>
public sealed class DatasetCreator(
    CatalogStore catalog, ContractInference inference, ContractCheck check, BatchService batches, ScratchFolder scratch, IOptions<PlatformOptions> options,
    ILogger<DatasetCreator> logger)
{
    /// <summary>Loads a batch, if need be with a contract inferred from its beginning. Of several first batches one makes the contract.</summary>
    /// <param name="mayDefine">Whether the caller may define the dataset; who may only ingest meets what is there.</param>
    /// <exception cref="TerminalException">As <see cref="BatchService.IngestAsync"/> and <see cref="ContractInference.InferAsync"/>; <c>NameTaken</c>.</exception>
    public async Task<FirstBatch> IngestAsync(BatchRequest request, bool mayDefine, CancellationToken cancellationToken)
    {
        if (options.Value.OnUnknownDataset == UnknownDatasetPolicy.Freeze || !mayDefine
            || await catalog.FindAsync<DatasetDefinition>(request.Dataset, cancellationToken) is not null)
        {
            return new FirstBatch(await batches.IngestAsync(request, cancellationToken), null);
        }

        BatchService.CheckKey(request.IdempotencyKey);
        await using var body = new RewindableStream(request.Body, scratch.NewName("bodies", ".first"));
        var created = await CreateAsync(request with { Body = body }, cancellationToken);
        FaultPoint.Pass("after-dataset-created");
        body.Rewind();
        return new FirstBatch(await batches.IngestAsync(request with { Body = body }, cancellationToken), created);
    }

    /// <summary>Nobody has looked at the contract, so it is to let rows in: fields it has not seen become columns, values of other types are kept as
    /// text, and only keys are required.</summary>
    private static void Loosen(JsonObject contract)
    {
        var keys = (contract["key"] as JsonArray)?.Select(key => (string?)key).ToList() ?? [];
        foreach (var field in contract["fields"]!.AsArray().Select(field => field!.AsObject()).Where(field => !keys.Contains((string?)field["name"])))
            field.Remove("required");

        var unexpected = contract["onUnexpected"] as JsonObject;
        contract["onUnexpected"] = new JsonObject { ["columns"] = (string?)unexpected?["columns"] ?? "evolve", ["types"] = "evolve" };
    }

    /// <returns>Null when another batch was first.</returns>
    private async Task<CreatedDataset?> CreateAsync(BatchRequest request, CancellationToken cancellationToken)
    {
        var sample = new PreviewRequest(request.Dataset, request.ContentType, request.ContentEncoding, request.Body);
        var found = await inference.InferAsync(sample, ContractInference.DefaultRows, cancellationToken);
        Loosen(found.Contract);
        found.Contract["description"] = "Inferred from its first batch.";
        var document = JsonSerializer.SerializeToUtf8Bytes(found.Contract, PlatformJson.Options);
        await check.CheckAsync(DefinitionParser.Parse<DatasetDefinition>(document, request.Dataset), cancellationToken);
        try
        {
            var put = await catalog.PutAsync<DatasetDefinition>(request.Dataset, document, PutCondition.IfAbsent, cancellationToken);
            Log.DatasetCreated(logger, request.Dataset, found.Rows);
            var links = new Dictionary<string, string>(StringComparer.Ordinal) { ["self"] = $"/api/v1/datasets/{request.Dataset}" };
            return new CreatedDataset(request.Dataset, put.Entry.Version, found.Rows, found.Warnings, links);
        }
        catch (TerminalException fault) when (fault.Code == "DefinitionExists")
        {
            return null;
        }
    }
}
