using System.Text.Json;
using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>Keeps blocks as objects beside the one they are to become: <c>{path}.blocks/{id in hex}</c>. The platform takes them itself.</summary>
public sealed class FolderUploadSpace(IObjectStore objects) : IUploadSpace
{
    /// <summary>Most blocks of an object, as in Azure.</summary>
    public const int MaxBlocks = 50_000;

    private const int MaxIdBytes = 64;
    private const int BufferSize = 1 << 20;

    public Task<Uri?> TryCreateAddressAsync(LakePath path, DateTimeOffset now, DateTimeOffset expires, CancellationToken cancellationToken) => Task.FromResult<Uri?>(null);

    public async Task<UploadBlocks> ListBlocksAsync(LakePath path, CancellationToken cancellationToken)
    {
        List<UploadBlock> uncommitted = [];
        await foreach (var block in objects.ListAsync(FolderOf(path), null, cancellationToken))
            uncommitted.Add(new UploadBlock(Convert.ToBase64String(Convert.FromHexString(block.Path.FileName)), block.Length));
        return new UploadBlocks(await ReadListAsync(path, cancellationToken), uncommitted);
    }

    /// <summary>Stores a block, in the place of one with its id.</summary>
    /// <exception cref="TerminalException"><c>InvalidBlockId</c>.</exception>
    public async Task StageAsync(LakePath path, string blockId, Stream content, CancellationToken cancellationToken)
    {
        await using var target = await objects.OpenWriteAsync(BlockOf(path, blockId), PutCondition.None, null, cancellationToken);
        await content.CopyToAsync(target, BufferSize, cancellationToken);
        _ = await target.CompleteAsync(cancellationToken) ?? throw new TransientException("The block could not be stored.");
    }

    /// <summary>Makes the object of blocks, in their order; blocks that it has not are gone then.</summary>
    /// <returns>Null when <paramref name="condition"/> does not hold.</returns>
    /// <exception cref="TerminalException"><c>InvalidBlockId</c>; <c>InvalidBlockList</c>: a block is not there.</exception>
    public async Task<ObjectInfo?> CommitAsync(
        LakePath path, IReadOnlyList<string> blockIds, PutCondition condition, string? contentType, CancellationToken cancellationToken)
    {
        List<UploadBlock> committed = [];
        await using var target = await objects.OpenWriteAsync(path, condition, contentType, cancellationToken);
        foreach (var id in blockIds)
        {
            var block = BlockOf(path, id);
            try
            {
                await using var content = await objects.OpenReadAsync(block, null, cancellationToken);
                committed.Add(new UploadBlock(id, content.Length));
                await content.CopyToAsync(target, BufferSize, cancellationToken);
            }
            catch (ObjectNotFoundException fault)
            {
                throw new TerminalException(FailureKind.Invalid, "InvalidBlockList",
                    "The list names a block that is not there; a committed object's blocks are not kept. Put the block, or all of them, again.", "BlockList", innerException: fault);
            }
        }

        if (await target.CompleteAsync(cancellationToken) is not { } info)
            return null;
        await objects.TryPutAsync(ListOf(path), JsonSerializer.SerializeToUtf8Bytes(committed, PlatformJson.Options), PutCondition.None, null, cancellationToken);
        await foreach (var block in objects.ListAsync(FolderOf(path), null, cancellationToken))
            await objects.TryDeleteAsync(block.Path, block.ETag, cancellationToken);
        return info;
    }

    private static LakePath FolderOf(LakePath path) => LakePath.Parse(path.Value + ".blocks");

    private static LakePath ListOf(LakePath path) => LakePath.Parse(path.Value + ".list");

    private static LakePath BlockOf(LakePath path, string blockId)
    {
        Span<byte> id = stackalloc byte[MaxIdBytes];
        return blockId.Length > 0 && Convert.TryFromBase64String(blockId, id, out var length) && length > 0
            ? FolderOf(path).Append(Convert.ToHexStringLower(id[..length]))
            : throw new TerminalException(FailureKind.Invalid, "InvalidBlockId", $"A block's id is 1 to {MaxIdBytes} bytes in base64.", "blockid");
    }

    private async Task<IReadOnlyList<UploadBlock>> ReadListAsync(LakePath path, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await objects.OpenReadAsync(ListOf(path), null, cancellationToken);
            return await JsonSerializer.DeserializeAsync<List<UploadBlock>>(stream, PlatformJson.Options, cancellationToken) ?? [];
        }
        catch (ObjectNotFoundException)
        {
            return [];
        }
    }
}
