using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Lake;

/// <summary>
/// The content types that an object's name does not tell, each in a small file named by path and ETag: it is written before its object
/// becomes visible and never speaks of another version of it.
/// </summary>
internal sealed class FolderTypes(string folder)
{
    public void Write(LakePath path, string etag, string? contentType)
    {
        if (contentType is null || contentType == ContentTypes.ForName(path.FileName))
            return;

        var file = FileOf(path, etag);
        using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            stream.Write(Encoding.UTF8.GetBytes(contentType));
            stream.Flush(flushToDisk: true);
        }

        FolderCalls.FlushFolder(folder);
    }

    public string Read(LakePath path, string etag)
    {
        var file = FileOf(path, etag);
        try
        {
            return File.Exists(file) ? File.ReadAllText(file) : ContentTypes.ForName(path.FileName);
        }
        catch (FileNotFoundException)
        {
            // The object was replaced in the meantime; its old type matters no more.
            return ContentTypes.ForName(path.FileName);
        }
    }

    public void Delete(LakePath path, string etag) => File.Delete(FileOf(path, etag));

    private string FileOf(LakePath path, string etag) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{path.Value}\n{etag}")).AsSpan(0, 16)));
}
