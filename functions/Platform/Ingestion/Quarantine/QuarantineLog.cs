using System.Text.Json;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>How a table's log tells what left the quarantine.</summary>
internal static class QuarantineLog
{
    /// <summary>Member of <c>commitInfo</c> with the rows that a commit dismisses.</summary>
    public const string DismissedMember = "dismissed";

    // One for the dataset: what is taken out of its quarantine is decided on what was taken before.
    private const string Application = "quarantine";

    /// <summary>Makes a commit stand only if no other has taken rows out of the quarantine since a version.</summary>
    public static IReadOnlyDictionary<string, long> Transaction(long version) => new Dictionary<string, long>(StringComparer.Ordinal) { [Application] = version + 1 };

    public static IReadOnlyList<DismissedRows> DismissedBy(Commit commit) =>
        commit.Info[DismissedMember] is { } member ? member.Deserialize<IReadOnlyList<DismissedRows>>(PlatformJson.Options)! : [];

    /// <summary>Whether a commit takes rows out of a dataset's quarantine.</summary>
    public static bool Takes(Commit commit) => commit.Info[DismissedMember] is not null || commit.Batches.Any(batch => batch.Parent is not null);
}
