using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Lake;

/// <summary>
/// The content types that an object's name does not tell and metadata, each object's in a small file named by path and ETag: it is written
/// before its object becomes visible and never speaks of another version of it. The first line is the type, empty for the name's; each other
/// one is <c>name=value</c>.
/// </summary>
internal sealed class FolderTypes(string folder)
{
    public void Write(LakePath path, string etag, ObjectTraits traits)
    {
        var type = traits.ContentType == ContentTypes.ForName(path.FileName) ? null : traits.ContentType;
        if (type is null && traits.Metadata is null)
            return;

        var text = new StringBuilder(type);
        foreach (var (name, value) in traits.Metadata ?? new Dictionary<string, string>())
            text.Append('\n').Append(name).Append('=').Append(value);
        var file = FileOf(path, etag);
        using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
            stream.Flush(flushToDisk: true);
        }

        FolderCalls.FlushFolder(folder);
    }

    public ObjectTraits Read(LakePath path, string etag)
    {
        var file = FileOf(path, etag);
        try
        {
            if (File.Exists(file))
                return Parse(File.ReadAllText(file).Split('\n'));
        }
        catch (FileNotFoundException)
        {
            // The object was replaced in the meantime; its old type matters no more.
        }

        return new ObjectTraits(null);
    }

    public void Delete(LakePath path, string etag) => File.Delete(FileOf(path, etag));

    private static ObjectTraits Parse(string[] lines) => new(
        lines[0].Length == 0 ? null : lines[0],
        lines.Skip(1).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));

    private string FileOf(LakePath path, string etag) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{path.Value}\n{etag}")).AsSpan(0, 16)));
}
