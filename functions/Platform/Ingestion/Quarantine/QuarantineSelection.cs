namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Which open rows are meant; what is null does not narrow it down.</summary>
public record QuarantineSelection
{
    public const int MaxBatches = 1000;

    /// <summary>Ids of the batches.</summary>
    public IReadOnlyList<string>? Batches { get; init; }

    /// <summary>Id of a cause: rows that it keeps in quarantine.</summary>
    public string? Cause { get; init; }

    /// <summary>Batches that started then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Batches that started before.</summary>
    public DateTimeOffset? Until { get; init; }

    internal bool MayHave(QuarantinedBatch batch) =>
        batch.Open > 0
        && (Since is null || batch.Started >= Since)
        && (Until is null || batch.Started < Until)
        && (Cause is null || batch.Causes.Any(cause => cause.Id == Cause || cause.Id == CauseKey.Other.Id));

    internal bool Has(QuarantinedRow row) => Cause is null || row.Errors.Any(error => CauseKey.Of(error).Id == Cause);
}
