using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Serving.Dashboards;

/// <summary>
/// The pages and what they load, from this assembly. What pages load lies at an address that has the hash of all files, so that browsers keep it for good;
/// only the pages themselves are asked for again.
/// </summary>
public sealed class PageFiles
{
    /// <summary>Stands in pages for the address of what they load.</summary>
    private const string Place = "{assets}";

    private const string Prefix = "pages/";

    private readonly Dictionary<string, PageFile> _files = new(StringComparer.Ordinal);

    public PageFiles()
    {
        var contents = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var assembly = typeof(PageFiles).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            contents.Add(resource[Prefix.Length..], content);
        }

        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in contents)
        {
            all.AppendData(Encoding.UTF8.GetBytes(name));
            all.AppendData(SHA256.HashData(content));
        }

        Hash = Convert.ToHexStringLower(all.GetHashAndReset().AsSpan(0, 8));
        foreach (var (name, content) in contents)
        {
            var shown = name.EndsWith(".html", StringComparison.Ordinal)
                ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace(Place, $"/assets/{Hash}", StringComparison.Ordinal))
                : content;
            _files.Add(name, new PageFile(name, TypeOf(name), shown, PageFile.ETagOf(shown)));
        }
    }

    /// <summary>Of all files together: 16 hexadecimal digits.</summary>
    public string Hash { get; }

    public IReadOnlyCollection<string> Names => _files.Keys;

    /// <returns>Null when there is no such file.</returns>
    public PageFile? Find(string name) => _files.GetValueOrDefault(name);

    /// <summary>One of the pages.</summary>
    public PageFile Page(string name) => _files[name];

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".woff2" => "font/woff2",
        ".txt" => "text/plain; charset=utf-8",
        var other => throw new InvalidOperationException($"The page file '{name}' is of the unknown kind '{other}'."),
    };
}
