using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Proof;

/// <summary>A commit and those of its batches that are to be proved.</summary>
/// <param name="RemovedRows">Rows of the files it removed, as the log has them; null when it does not tell.</param>
internal sealed record ProvedCommit(Commit Commit, IReadOnlyList<CommittedBatch> Batches, long? RemovedRows);
