using DataPlatform.Ingestion.Quarantine;

namespace DataPlatform.App.Ingestion;

/// <summary>What is answered of a dismissal.</summary>
/// <param name="Dismissed">Rows that were given up.</param>
/// <param name="Batches">Whose quarantine they were in.</param>
/// <param name="TableVersion">Of the commit that says so; null when there was nothing to dismiss.</param>
public sealed record DismissalAnswer(string Id, string Dataset, string Reason, long Dismissed, int Batches, long? TableVersion)
{
    public static DismissalAnswer Of(Dismissal dismissal) =>
        new(dismissal.Id, dismissal.Dataset, dismissal.Reason, dismissal.Dismissed, dismissal.Batches, dismissal.TableVersion);
}
