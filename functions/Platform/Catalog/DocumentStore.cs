using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Catalog;

/// <summary>
/// The catalog's objects: <c>catalog/{kind}s/{name}.json</c> holds the current document, and
/// <c>catalog/versions/{kind}s/{name}/{version}.json</c> those it replaced.
/// </summary>
internal sealed class DocumentStore(IObjectStore objects)
{
    /// <returns>Null when nothing was ever put under the name. The ETag is the store's.</returns>
    public async Task<(StoredDocument Document, string ETag)?> FindAsync(DefinitionKind kind, string name, CancellationToken cancellationToken)
    {
        if (!NameRules.IsDefinitionName(kind, name))
            return null;

        // The ETag first: if the document changes in between, writing on that ETag fails, which is safe.
        var path = PathOf(kind, name);
        return await objects.GetInfoAsync(path, cancellationToken) is { } info
            ? (await ReadAsync(path, cancellationToken), info.ETag)
            : null;
    }

    /// <param name="etag">The store's ETag of what is replaced; null when nothing must be there.</param>
    /// <returns>False when another writer was first.</returns>
    public async Task<bool> TryWriteAsync(
        DefinitionKind kind, string name, StoredDocument document, string? etag, CancellationToken cancellationToken)
    {
        var condition = etag is null ? PutCondition.IfAbsent : PutCondition.IfMatch(etag);
        return await objects.TryPutAsync(PathOf(kind, name), document.ToBytes(), condition, "application/json", cancellationToken) is not null;
    }

    /// <summary>Keeps a document that is about to be replaced. Doing it first, and to the old one, leaves no version behind that a crash
    /// or a lost race has never made current.</summary>
    public Task KeepAsync(DefinitionKind kind, string name, StoredDocument document, CancellationToken cancellationToken) =>
        objects.TryPutAsync(
            VersionPath(kind, name, document.Version), document.ToBytes(), PutCondition.IfAbsent, "application/json", cancellationToken);

    public async Task<StoredDocument?> FindKeptAsync(DefinitionKind kind, string name, long version, CancellationToken cancellationToken)
    {
        if (version < 1 || !NameRules.IsDefinitionName(kind, name))
            return null;

        var path = VersionPath(kind, name, version);
        return await objects.GetInfoAsync(path, cancellationToken) is null ? null : await ReadAsync(path, cancellationToken);
    }

    /// <summary>The definition versions that were replaced or deleted, from 1.</summary>
    public async Task<List<long>> ListKeptAsync(DefinitionKind kind, string name, CancellationToken cancellationToken)
    {
        var versions = new List<long>();
        var folder = LakePath.Parse($"catalog/versions/{DefinitionKinds.Plural(kind)}/{name}");
        await foreach (var info in objects.ListAsync(folder, null, cancellationToken))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(info.Path.FileName), out var version))
                versions.Add(version);
        }

        return versions;
    }

    /// <summary>The names of a kind in ordinal order, deleted ones included.</summary>
    public async Task<List<string>> ListNamesAsync(DefinitionKind kind, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var info in objects.ListAsync(LakePath.Parse($"catalog/{DefinitionKinds.Plural(kind)}"), null, cancellationToken))
            names.Add(Path.GetFileNameWithoutExtension(info.Path.FileName));

        // The store sorts 'a-b.json' before 'a.json'.
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static LakePath PathOf(DefinitionKind kind, string name) =>
        LakePath.Parse($"catalog/{DefinitionKinds.Plural(kind)}/{name}.json");

    private static LakePath VersionPath(DefinitionKind kind, string name, long version) =>
        LakePath.Parse($"catalog/versions/{DefinitionKinds.Plural(kind)}/{name}/{version:D10}.json");

    private async Task<StoredDocument> ReadAsync(LakePath path, CancellationToken cancellationToken)
    {
        await using var stream = await objects.OpenReadAsync(path, null, cancellationToken);
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, cancellationToken);
        try
        {
            return StoredDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TerminalException(
                FailureKind.Internal, "CatalogDamaged", $"The catalog's object '{path}' is not what the platform writes: restore it or delete it.", innerException: exception);
        }
    }
}
