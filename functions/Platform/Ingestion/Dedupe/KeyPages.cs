using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>Looks hashes up in the pages of a local key file. Hashes are spread evenly, so the first page read is the right one or near it;
/// lookups in ascending order use a page as long as they can.</summary>
internal sealed class KeyPages : IDisposable
{
    private readonly KeyFile _file;
    private readonly SafeFileHandle _handle;
    private readonly byte[] _page = new byte[KeyFile.PageBytes];
    private int _number = -1;
    private int _count;

    private KeyPages(KeyFile file, SafeFileHandle handle) => (_file, _handle) = (file, handle);

    /// <exception cref="KeyFileException">The file is gone.</exception>
    public static KeyPages Open(KeyFile file, string localPath)
    {
        try
        {
            return new KeyPages(file, File.OpenHandle(localPath));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KeyFileException(file.Path.Value, "is gone");
        }
    }

    /// <returns>When a row with this key came last, microseconds since 1970; null when none did.</returns>
    /// <exception cref="KeyFileException">A page is damaged.</exception>
    public long? Find(UInt128 hash)
    {
        if (_file.Pages == 0)
            return null;
        if (_number < 0 || hash < HashAt(0) || hash > HashAt(_count - 1))
            Load((int)(((UInt128)(ulong)(hash >> 64) * (ulong)_file.Pages) >> 64));
        for (var direction = 0; ;)
        {
            var step = hash < HashAt(0) ? -1 : hash > HashAt(_count - 1) ? 1 : 0;
            if (step == 0)
                return Search(hash);
            if (step == -direction || _number + step < 0 || _number + step == _file.Pages)
                return null;
            direction = step;
            Load(_number + step);
        }
    }

    /// <summary>Adds all entries to lists.</summary>
    /// <exception cref="KeyFileException">A page is damaged.</exception>
    public void CopyTo(List<UInt128> hashes, List<long> times)
    {
        for (var number = 0; number < _file.Pages; number++)
        {
            Load(number);
            for (var entry = 0; entry < _count; entry++)
            {
                hashes.Add(HashAt(entry));
                times.Add(TimeAt(entry));
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private long? Search(UInt128 hash)
    {
        int low = 0, high = _count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = HashAt(middle);
            if (found == hash)
                return TimeAt(middle);
            if (found < hash)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return null;
    }

    private UInt128 HashAt(int entry) => BinaryPrimitives.ReadUInt128BigEndian(_page.AsSpan(KeyFile.PageHeaderBytes + (entry * KeyFile.EntryBytes)));

    private long TimeAt(int entry) => BinaryPrimitives.ReadInt64LittleEndian(_page.AsSpan(KeyFile.PageHeaderBytes + (entry * KeyFile.EntryBytes) + 16));

    private void Load(int number)
    {
        _number = -1;
        var read = RandomAccess.Read(_handle, _page, _file.PagesAt + ((long)number * KeyFile.PageBytes));
        _count = BinaryPrimitives.ReadInt32LittleEndian(_page);
        if (read != KeyFile.PageBytes || _count is < 1 or > KeyFile.EntriesPerPage
            || BinaryPrimitives.ReadUInt64LittleEndian(_page.AsSpan(8)) != KeyFileWriter.Checksum(_page, number))
        {
            throw new KeyFileException(_file.Path.Value, $"is damaged in page {number}");
        }

        _number = number;
    }
}
