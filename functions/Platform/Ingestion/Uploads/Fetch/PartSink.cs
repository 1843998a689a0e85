using System.Security.Cryptography;
using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Writes a fetched file as parts. A part counts once it is complete; the one that is open is lost with the process.</summary>
internal sealed class PartSink(IObjectStore objects, LakePath folder, long partBytes) : IAsyncDisposable
{
    private readonly List<FetchPart> _parts = [];
    private ObjectWriteStream? _open;
    private string _name = "";
    private long _inOpen;

    public IReadOnlyList<FetchPart> Parts => [.. _parts];

    /// <summary>Of the file so far, the open part included.</summary>
    public long Bytes { get; private set; }

    /// <summary>Where a part lies.</summary>
    public static LakePath PathOf(LakePath folder, FetchPart part) => folder.Append(part.Name);

    /// <summary>Starts behind these parts.</summary>
    public async Task ResetAsync(IReadOnlyList<FetchPart> parts)
    {
        await DisposeAsync();
        _parts.Clear();
        _parts.AddRange(parts);
        Bytes = parts.Sum(part => part.Bytes);
    }

    /// <returns>Whether that made a part complete.</returns>
    public async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_open is null)
        {
            _name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            _open = await objects.OpenWriteAsync(folder.Append(_name), PutCondition.IfAbsent, "application/octet-stream", cancellationToken);
        }

        await _open.WriteAsync(bytes, cancellationToken);
        _inOpen += bytes.Length;
        Bytes += bytes.Length;
        return _inOpen >= partBytes && await CloseAsync(cancellationToken);
    }

    /// <summary>Makes what was written so far a part.</summary>
    /// <returns>Whether there was something.</returns>
    public async Task<bool> CloseAsync(CancellationToken cancellationToken)
    {
        if (_open is null)
            return false;

        var open = _open;
        _open = null;
        await using (open)
            _ = await open.CompleteAsync(cancellationToken) ?? throw new InvalidOperationException("A random name was taken.");
        _parts.Add(new FetchPart(_name, _inOpen));
        _inOpen = 0;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_open is not null)
            await _open.DisposeAsync();
        _open = null;
        Bytes -= _inOpen;
        _inOpen = 0;
    }
}
