using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Files;

/// <summary>
/// Where the addresses below <c>/api/v1/lake/</c> lead: the first segment names a zone, the others the object in it. What is no zone is not
/// to be reached: definitions, rows, uploads that nobody has checked, the platform's own work.
/// </summary>
public static class LakeAddress
{
    /// <summary>The one zone that is written by HTTP.</summary>
    public const string Files = "files";

    /// <summary>The bytes of batches as they came.</summary>
    public const string Raw = "raw";

    /// <summary>Rows that broke a contract.</summary>
    public const string Quarantine = "quarantine";

    private static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        [Files] = "lake/files",
        ["marts"] = "marts",
        [Quarantine] = "lake/quarantine",
        [Raw] = "lake/raw",
        ["tables"] = "lake/tables",
        ["warehouse"] = "warehouse",
    };

    public static IEnumerable<string> Zones => Places.Keys.Order(StringComparer.Ordinal);

    /// <param name="path">Percent-decoded once, as routes give it: <c>files/reports/march.pdf</c>.</param>
    /// <exception cref="TerminalException"><c>InvalidPath</c>; <c>ZoneNotFound</c>.</exception>
    public static LakePath Locate(string path)
    {
        // Hosts leave an encoded slash as it is, and an encoded percent sign they decode: who reads on would see another path than they did.
        if (path.Contains("%2f", StringComparison.OrdinalIgnoreCase))
        {
            throw new TerminalException(
                FailureKind.Invalid, "InvalidPath", "Slashes of a path are not encoded, and names do not hold '%2F': write a plain slash.", "path");
        }

        var (zone, rest) = path.IndexOf('/', StringComparison.Ordinal) is >= 0 and var end ? (path[..end], path[end..]) : (path, "");
        if (!Places.TryGetValue(zone, out var place))
        {
            throw new TerminalException(
                FailureKind.NotFound, "ZoneNotFound", $"The lake has no such zone: a path begins with {string.Join(", ", Zones)}.", "path");
        }

        return LakePath.Parse(place + rest);
    }

    /// <summary>As <see cref="Locate"/>, of a path in the zone that is written.</summary>
    /// <exception cref="TerminalException">Also <c>ZoneReadOnly</c>.</exception>
    public static LakePath LocateFile(string path) =>
        path.StartsWith(Files + "/", StringComparison.Ordinal)
            ? Locate(path)
            : throw new TerminalException(FailureKind.Forbidden, "ZoneReadOnly", $"Only what lies below {Files}/ is written here.", "path");

    /// <summary>Where a folder's address leads, which ends with a slash and names more than a zone.</summary>
    /// <exception cref="TerminalException"><c>InvalidPath</c>; <c>ZoneNotFound</c>.</exception>
    public static LakePath LocateFolder(string path) =>
        path.EndsWith('/') && path.IndexOf('/', StringComparison.Ordinal) < path.Length - 1
            ? Locate(path[..^1])
            : throw new TerminalException(FailureKind.Invalid, "InvalidPath", $"The address of a folder names one below a zone and ends with a slash, such as {Files}/reports/.", "path");

    /// <summary>As <see cref="LocateFolder"/>, in the zone that is written.</summary>
    /// <exception cref="TerminalException">Also <c>ZoneReadOnly</c>.</exception>
    public static LakePath LocateFileFolder(string path)
    {
        var folder = LocateFolder(path);
        _ = LocateFile(path[..^1]);
        return folder;
    }

    /// <summary>What a caller needs to write a path, or all that lies below the folder that ends with a slash.</summary>
    public static string WriteScope(string path) => $"write:lake/{path}{(path.EndsWith('/') ? "*" : "")}";

    /// <summary>What a caller needs to read a path, or to list the folder that ends with a slash. What was not checked, or broke its contract, may
    /// hold personal data that tables have not: it has scopes of its own.</summary>
    public static string ReadScope(string path)
    {
        var isClosed = path.StartsWith(Raw + "/", StringComparison.Ordinal) || path.StartsWith(Quarantine + "/", StringComparison.Ordinal);
        return $"read:{(isClosed ? "" : "lake/")}{path}{(path.Length == 0 || path.EndsWith('/') ? "*" : "")}";
    }

    /// <summary>The address of an object that lies in a zone.</summary>
    public static string Of(LakePath path)
    {
        foreach (var (zone, place) in Places)
        {
            if (path.Value.StartsWith(place + "/", StringComparison.Ordinal))
                return zone + path.Value[place.Length..];
        }

        throw new ArgumentException($"'{path}' lies in no zone.", nameof(path));
    }
}
