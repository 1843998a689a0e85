using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables;

/// <summary>All that one file of the log says.</summary>
/// <param name="Length">Bytes of the file.</param>
internal sealed record LogEntry(
    Commit Commit,
    ProtocolAction? Protocol,
    TableMetadata? Metadata,
    int Length)
{
    public long Version => Commit.Version;

    public IReadOnlyDictionary<string, long> Transactions => Commit.Transactions;

    /// <summary>Whether its writer says that it added rows without reading any of the table.</summary>
    public bool IsBlindAppend => Commit.Info[CommitInfoNames.IsBlindAppend] is System.Text.Json.Nodes.JsonValue value && value.TryGetValue<bool>(out var blind) && blind;

    /// <summary>Names the one attempt that wrote this file.</summary>
    public string? AttemptId => (string?)Commit.Info[CommitInfoNames.AttemptId];

    /// <summary>Names the process that wrote this file; null when other software did.</summary>
    public string? Writer => Commit.Info[CommitInfoNames.Writer] is System.Text.Json.Nodes.JsonValue value && value.TryGetValue<string>(out var writer) ? writer : null;
}
