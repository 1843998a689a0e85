using DataPlatform.Failures;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What the sender of a batch is told at once about its broken rows: the first errors, as the quarantine has them. The rest is behind the
/// receipt's link.</summary>
public sealed class AnsweredErrors(IObjectStore objects, ILogger<AnsweredErrors> logger)
{
    public const int Most = 100;

    /// <returns>Null when the batch has no broken rows, or they cannot be read now: it is committed all the same.</returns>
    public async Task<IReadOnlyList<PreviewError>?> OfAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        if (receipt.State != ReceiptState.Committed || receipt.Quarantine is not { } path)
            return null;
        var errors = new List<PreviewError>();
        try
        {
            await using var file = await objects.OpenReadAsync(LakePath.Parse(path), receipt.QuarantineRange, cancellationToken);
            await foreach (var row in QuarantineLines.ReadAsync(file, cancellationToken))
            {
                errors.AddRange(row.Errors.Take(Most - errors.Count).Select(error => PreviewError.Of(row, error)));
                if (errors.Count == Most)
                    break;
            }
        }
        catch (ObjectNotFoundException)
        {
            // Sent again under its key after its broken rows' time.
            return null;
        }
        catch (TransientException fault)
        {
            Log.NotAnswered(logger, receipt.Id, fault);
            return null;
        }

        return errors;
    }
}
