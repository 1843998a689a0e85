using DataPlatform.Failures;
using DataPlatform.Sql;

namespace DataPlatform.Ingestion.Readers;

/// <summary>A body on local disk, for formats that are read from their end.</summary>
internal sealed class SpoolFile(ScratchFolder scratch, Stream body, long maxBytes) : IDisposable
{
    private string? _path;

    /// <returns>The file's path.</returns>
    /// <exception cref="TerminalException"><c>BodyTooLarge</c>: a compressed body unfolds to more than fits there.</exception>
    public async Task<string> FillAsync(CancellationToken cancellationToken)
    {
        _path = scratch.NewName("bodies", ".parquet");
        await using var file = new FileStream(_path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous);
        var buffer = LargeArrays.Of<byte>().Rent(1 << 18);
        try
        {
            for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                if (file.Position + read > maxBytes)
                {
                    throw new TerminalException(FailureKind.TooLarge, "BodyTooLarge",
                        $"The Parquet file has more than {maxBytes} bytes. Nothing was stored. Send it in smaller files.");
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            LargeArrays.Of<byte>().Return(buffer);
        }

        return _path;
    }

    public void Dispose()
    {
        if (_path is not null)
            File.Delete(_path);
    }
}
