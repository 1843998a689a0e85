using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Says what would become of a body if it were a batch, and stores nothing.</summary>
public sealed class BatchValidator(CatalogStore catalog, DeltaTables tables, ContractPlans plans, ScratchFolder scratch, IngestionLimits limits)
{
    /// <summary>Rows that are shown unless the request says otherwise.</summary>
    public const int DefaultRows = 20;

    public const int MaxRows = 1000;

    private const int MaxErrors = 100;
    private const int MaxShownBytes = 2 << 20;

    /// <param name="version">Of the contract; null takes the newest, or the one in the request's form.</param>
    /// <param name="rows">How many rows to show.</param>
    /// <exception cref="TerminalException">As ingestion would refuse the body; <c>InvalidDefinition</c> for a contract in the form.</exception>
    public async Task<Validation> ValidateAsync(PreviewRequest request, long? version, int rows, CancellationToken cancellationToken)
    {
        var body = await PreviewBody.OpenAsync(request, cancellationToken);
        var (plan, planVersion) = await PlanAsync(request.Dataset, version, body.Contract, cancellationToken);
        var snapshot = await tables.Get(new TableName(TableKind.Dataset, request.Dataset)).TryGetSnapshotAsync(null, cancellationToken);
        await using var scan = new RowScan(CountKeys(plan), snapshot?.Columns ?? [], body.Media, body.Content, scratch, limits);

        var shown = new List<LoadedRow>();
        var errors = new List<PreviewError>();
        var causes = new CauseCounts();
        long shownBytes = 0, allErrors = 0;
        bool more;
        do
        {
            more = await scan.ReadAsync(cancellationToken);
            if (shown.Count < rows)
                shownBytes += BlockRows.AddTo(shown, scan.Rows.Block, rows - shown.Count, MaxShownBytes - shownBytes);
            foreach (var row in BrokenRow.ReadAll(scan.Rows.Quarantine.Written))
            {
                allErrors += row.Errors.Count;
                foreach (var error in row.Errors)
                    causes.Add(error);
                errors.AddRange(row.Errors.Take(MaxErrors - errors.Count).Select(error => PreviewError.Of(row, error)));
            }
        }
        while (more);

        return new Validation(
            request.Dataset, planVersion, PreviewCounts.Of(scan.Rows), scan.Rows.Warnings, causes.ToList(), shown, errors, allErrors - errors.Count);
    }

    private async Task<(ContractPlan Plan, long? Version)> PlanAsync(
        string dataset, long? version, ReadOnlyMemory<byte>? proposed, CancellationToken cancellationToken)
    {
        if (proposed is { } document)
        {
            if (version is not null)
                throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The form has a contract, and 'version' names another: leave one of them out.", "version");
            return (await plans.CreateAsync(DefinitionParser.Parse<DatasetDefinition>(document, dataset), cancellationToken), null);
        }

        var entry = version is { } number
            ? await catalog.GetAsync<DatasetDefinition>(dataset, number, cancellationToken)
            : await catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        return (await plans.GetAsync(entry.Definition, entry.Version, cancellationToken), entry.Version);
    }

    /// <summary>Rows of one merge or window with the same key are counted as its commit would; which row of a merge wins is not shown.</summary>
    private static ContractPlan CountKeys(ContractPlan plan) => plan.Definition is { WriteDisposition: WriteDisposition.Merge } or { Dedupe: not null }
        ? plan with { Definition = plan.Definition with { Unique = true } }
        : plan;
}
