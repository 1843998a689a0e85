using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>Lets somebody else write one object in blocks, in parallel and resumable, as the Put Block and Put Block List operations of Azure have it: to the
/// storage account itself or, where there is none, through the platform.</summary>
public interface IUploadSpace
{
    /// <summary>An address that gives the right to create and write this object and nothing else; a secret.</summary>
    /// <param name="now">The right begins a few minutes earlier, for clocks that are behind.</param>
    /// <returns>Null when the platform takes the blocks itself.</returns>
    /// <exception cref="TransientException">The store did not answer.</exception>
    Task<Uri?> TryCreateAddressAsync(LakePath path, DateTimeOffset now, DateTimeOffset expires, CancellationToken cancellationToken);

    /// <summary>What is there of an object; nothing when it was never begun.</summary>
    Task<UploadBlocks> ListBlocksAsync(LakePath path, CancellationToken cancellationToken);
}
