using DataPlatform.Failures;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving;

/// <summary>Finds the version of a table that a caller asks for.</summary>
public sealed class TableVersions(DeltaTables tables, IOptions<PlatformOptions> options)
{
    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>: version and timestamp both. <c>TableEmpty</c>: no data yet.
    /// <c>TableVersionNotFound</c>, <c>TableVersionGone</c>.</exception>
    public async Task<Snapshot> ResolveAsync(ServedTable table, TableVersionRequest request, CancellationToken cancellationToken)
    {
        if (request is { Version: not null, Timestamp: not null })
        {
            throw new TerminalException(
                FailureKind.Invalid, "InvalidQueryOption", "A version or a timestamp says which version is meant: give one of them.", "timestamp");
        }

        var delta = tables.Get(table.Name);
        var snapshot = request switch
        {
            { Version: { } version } => await delta.TryGetSnapshotAsync(version, cancellationToken),
            { Timestamp: { } time } => await delta.TryGetSnapshotAsync(time, cancellationToken),
            _ => await delta.TryGetRecentSnapshotAsync(options.Value.VersionMaxAge, request.MinVersion, cancellationToken),
        };
        if (snapshot is null)
        {
            throw new TerminalException(
                FailureKind.NotFound, "TableEmpty", $"'{table.Name}' is defined and has no data yet: {table.Remedy}.", table.Name.Name);
        }

        return snapshot.Version >= request.MinVersion
            ? snapshot
            : throw new TerminalException(
                FailureKind.NotFound,
                "TableVersionNotFound",
                $"Table '{table.Name}' has no version {request.MinVersion} yet: its newest is {snapshot.Version}.",
                "min-version");
    }
}
