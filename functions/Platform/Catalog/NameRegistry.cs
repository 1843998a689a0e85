using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Catalog;

/// <summary>
/// The one flat namespace of tables: a row a name, inserted if absent, so that of many writers in any number of processes one gets it.
/// </summary>
/// <remarks>
/// A document is in the object store and its names are rows, so a crash can leave a row whose document never came. Such a row can be
/// taken over, safely, because of three rules. A writer reads its document, then writes the row of each name the document does not yet
/// have (also one it owns already, which changes the row's ETag), then replaces the document by the ETag read first. Who takes a row
/// over reads the row, sees that the owner's document does not have the name, rewrites that document unchanged (which defeats an owner
/// between reading and replacing it), then replaces the row by its ETag (which fails if an owner came after). A row is deleted only by
/// an ETag seen before the document without the name was written.
/// </remarks>
internal sealed class NameRegistry(IRowStore rows, DocumentStore documents, TimeProvider clock)
{
    private const string Table = "names";
    private const string Partition = "tables";
    private const int MaxAttempts = 20;

    /// <summary>A younger reservation belongs to a writer who is still at work: others are told to wait.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public async Task<NameOwner?> FindAsync(string name, CancellationToken cancellationToken) =>
        NameRules.IsTableName(name) && await rows.GetAsync(Table, Key(name), cancellationToken) is { } row ? OwnerOf(Read(row)) : null;

    /// <summary>Takes a name for a document that does not have it yet.</summary>
    /// <exception cref="TerminalException"><c>NameTaken</c>: it belongs to another document.</exception>
    public async Task<NameClaim> ClaimAsync(NameOwner owner, string name, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var value = JsonSerializer.SerializeToUtf8Bytes(new NameReservation(owner.Kind, owner.Name, clock.GetUtcNow()), PlatformJson.Options);
            if (await rows.TryInsertAsync(Table, Key(name), value, cancellationToken) is { } inserted)
                return new NameClaim(name, inserted.ETag, IsNew: true);
            if (await rows.GetAsync(Table, Key(name), cancellationToken) is not { } row)
                continue;

            var reservation = Read(row);
            var own = OwnerOf(reservation) == owner;
            if (!own && !await CanTakeOverAsync(name, reservation, cancellationToken))
                continue;
            if (await rows.TryReplaceAsync(Table, Key(name), value, row.ETag, cancellationToken) is { } replaced)
                return new NameClaim(name, replaced.ETag, IsNew: !own);
        }

        throw new TransientException($"The name '{name}' is in great demand: no writer of {owner} got it.");
    }

    /// <summary>The rows of names that a document is about to give up.</summary>
    public async Task<List<NameClaim>> ReadAsync(NameOwner owner, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var claims = new List<NameClaim>();
        foreach (var name in names)
        {
            if (await rows.GetAsync(Table, Key(name), cancellationToken) is { } row && OwnerOf(Read(row)) == owner)
                claims.Add(new NameClaim(name, row.ETag, IsNew: false));
        }

        return claims;
    }

    public async Task ReleaseAsync(IEnumerable<NameClaim> claims, CancellationToken cancellationToken)
    {
        foreach (var claim in claims)
            await rows.TryDeleteAsync(Table, Key(claim.Name), claim.ETag, cancellationToken);
    }

    /// <summary>The table names that a document has. Reads stored documents too, so it asks for nothing but the names.</summary>
    public static IReadOnlyList<string> NamesIn(NameOwner owner, StoredDocument? document)
    {
        if (document is not { IsLive: true } || owner.Kind is DefinitionKind.Route or DefinitionKind.Dashboard)
            return [];
        if (owner.Kind != DefinitionKind.Pipeline)
            return [owner.Name];

        using var json = JsonDocument.Parse(document.Document);
        return [.. json.RootElement.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("target").GetString()!).Distinct()];
    }

    /// <returns>False when the registry changed meanwhile: look again.</returns>
    private async Task<bool> CanTakeOverAsync(string name, NameReservation reservation, CancellationToken cancellationToken)
    {
        var owner = OwnerOf(reservation);
        var current = await documents.FindAsync(owner.Kind, owner.Name, cancellationToken);
        if (NamesIn(owner, current?.Document).Contains(name))
            throw new TerminalException(FailureKind.Conflict, "NameTaken", $"The name '{name}' belongs to {owner}: datasets, warehouse tables and marts share their names. Take another one, or delete that first.", "name");

        var now = clock.GetUtcNow();
        var left = reservation.At + Grace - now;
        if (left > TimeSpan.Zero)
        {
            var wait = TimeSpan.FromSeconds(Math.Ceiling(Math.Min(left.TotalSeconds, Grace.TotalSeconds)));
            throw new TerminalException(FailureKind.Conflict, "NameTaken", $"The name '{name}' is being taken by {owner}: take another one, or try again in {wait.TotalSeconds:F0} s.", "name") { RetryAfter = wait };
        }

        var same = current?.Document ?? new StoredDocument(0, now, now, now, default);
        return await documents.TryWriteAsync(owner.Kind, owner.Name, same, current?.ETag, cancellationToken);
    }

    private static NameReservation Read(Row row) => JsonSerializer.Deserialize<NameReservation>(row.Value.Span, PlatformJson.Options)!;

    private static NameOwner OwnerOf(NameReservation reservation) => new(reservation.Kind, reservation.Owner);

    private static RowKey Key(string name) => new(Partition, name);
}
