using System.Collections.Concurrent;
using System.Security.Cryptography;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Proof;

/// <summary>Checks that the bytes of batches lie in the raw zone as they came.</summary>
public sealed class RawProof(IObjectStore objects, CatalogStore catalog)
{
    private const int AtOnce = 8;

    /// <summary>Larger ones would take the whole time of a request.</summary>
    private const long MostHashed = 2L << 30;

    internal static CheckNotes Notes() => new("raw", "batches", "bytes", "hashed", "notHashed");

    internal async Task CheckAsync(
        string dataset, IReadOnlyList<ProvedCommit> commits, bool isDeep, CheckNotes notes, CancellationToken cancellationToken)
    {
        var policies = new ConcurrentDictionary<long, RawPolicy>();
        var infos = new ConcurrentDictionary<string, Task<ObjectInfo?>>(StringComparer.Ordinal);
        var batches = commits.SelectMany(commit => commit.Batches.Select(batch => (Batch: batch, commit.Commit.Version))).Where(each => each.Batch.Raw is not null);
        await Parallel.ForEachAsync(
            batches,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (each, token) =>
            {
                var (batch, version) = each;
                var path = LakePath.Parse(batch.Raw!);
                notes.Count("batches", 1);
                notes.Count("bytes", batch.Bytes);
                if (await infos.GetOrAdd(batch.Raw!, _ => objects.GetInfoAsync(path, token)) is not { } info)
                    notes.Differs(batch.Id, version, $"Its raw object '{path}' is gone.");
                else if (batch.RawRange is { } range)
                    CheckRange(batch, version, range, info, notes);
                else if (await PolicyAsync(policies, dataset, batch.DefinitionVersion, token) == RawPolicy.Keep)
                    await CheckWholeAsync(batch, version, info, isDeep, notes, token);
            });
    }

    private static void CheckRange(CommittedBatch batch, long version, ByteRange range, ObjectInfo info, CheckNotes notes)
    {
        if (range.Offset + (range.Length ?? 0) > info.Length)
            notes.Differs(batch.Id, version, $"Its raw object '{info.Path}' has {info.Length} bytes; the batch's part ends at {range.Offset + range.Length}.");
    }

    private async Task CheckWholeAsync(
        CommittedBatch batch, long version, ObjectInfo info, bool isDeep, CheckNotes notes, CancellationToken cancellationToken)
    {
        if (info.Length != batch.Bytes)
        {
            notes.Differs(batch.Id, version, $"Its raw object '{info.Path}' has {info.Length} bytes, not the {batch.Bytes} that came.");
        }
        else if (isDeep && info.Length > MostHashed)
        {
            notes.Count("notHashed", 1);
        }
        else if (isDeep)
        {
            await using var stream = await objects.OpenReadAsync(info.Path, range: null, cancellationToken);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            notes.Count("hashed", 1);
            if (hash != batch.Sha256)
                notes.Differs(batch.Id, version, $"The bytes of its raw object '{info.Path}' are others than came: their SHA-256 is {hash}.");
        }
    }

    private async Task<RawPolicy> PolicyAsync(
        ConcurrentDictionary<long, RawPolicy> known, string dataset, long version, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(version, out var policy))
            return policy;
        try
        {
            policy = (await catalog.GetAsync<DatasetDefinition>(dataset, version, cancellationToken)).Definition.Raw;
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.NotFound)
        {
            // Whether bytes were rewritten cannot be known: that they are there has to do.
            policy = RawPolicy.Redacted;
        }

        return known[version] = policy;
    }
}
