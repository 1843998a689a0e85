using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>The parts of a fetched file, one after the other.</summary>
internal sealed class PartsStream(IObjectStore objects, LakePath folder, IReadOnlyList<FetchPart> parts) : InputStream
{
    private Stream? _open;
    private int _next;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_open is null)
            {
                if (_next == parts.Count)
                    return 0;
                _open = await OpenAsync(parts[_next++], cancellationToken);
            }

            var read = await _open.ReadAsync(buffer, cancellationToken);
            if (read > 0)
                return read;
            await _open.DisposeAsync();
            _open = null;
        }

        return 0;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_open is not null)
            await _open.DisposeAsync();
        await base.DisposeAsync();
    }

    private async Task<Stream> OpenAsync(FetchPart part, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.OpenReadAsync(PartSink.PathOf(folder, part), null, cancellationToken);
        }
        catch (ObjectNotFoundException fault)
        {
            // Only who comes late, after another has loaded the file and cleaned up, meets this: the next try finds it loaded.
            throw new TransientException("A part of the fetched file is gone.", fault);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _open?.Dispose();
        base.Dispose(disposing);
    }
}
