using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Serving.Queries;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Serving.OData;

/// <summary>Reads a request to <c>/odata</c>. Unknown and repeated options are errors: a mistyped filter must not return everything.</summary>
internal static class ODataRequestReader
{
    /// <summary>Rows of a page, and the most that a caller can ask for.</summary>
    public const int MaxPageSize = 50_000;

    private static readonly string[] OfDocuments = ["$format"];
    private static readonly string[] OfEntity = ["$select", "$compute", "$format"];
    private static readonly string[] OfCount = ["$filter", "$apply", "$compute"];
    private static readonly string[] OfCollection = ["$select", "$filter", "$orderby", "$top", "$skip", "$count", "$apply", "$compute", "$format", "$skiptoken"];
    private static readonly string[] NotOffered = ["$search", "$expand", "$deltatoken", "$levels", "$index", "$schemaversion", "$id"];

    /// <exception cref="TerminalException">400, 404, 501.</exception>
    public static ODataRequest Read(HttpRequest request, string path)
    {
        CheckVersion(request);
        var parsed = ODataPath.Parse(path);
        var known = parsed.Resource switch
        {
            ODataResource.Collection => OfCollection,
            ODataResource.Entity => OfEntity,
            ODataResource.Count => OfCount,
            _ => OfDocuments,
        };
        foreach (var (name, values) in request.Query)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw Unknown(name, known);
            if (values.Count > 1)
                throw new TerminalException(FailureKind.Invalid, "DuplicateQueryOption", $"The option {name} is there {values.Count} times: give it once.", name);
        }

        var text = new QueryText(One("$select"), One("$filter"), One("$orderby"), One("$top"), One("$skip"), One("$count"), One("$apply"), One("$compute"));
        if (One("$skiptoken") is { } token)
        {
            var (cursor, size) = PageToken.Read(token, text.ToString());
            return new ODataRequest(parsed, text, One("$format"), Math.Min(size, MaxPageSize), Preferred: false, cursor);
        }

        var preferred = PreferredSize(request);
        return new ODataRequest(parsed, text, One("$format"), Math.Min(preferred ?? MaxPageSize, MaxPageSize), preferred is not null, Cursor: null);

        string? One(string name) => request.Query.TryGetValue(name, out var values) ? values.ToString() : null;
    }

    /// <summary>A preference that makes no sense is left aside, as all that a server does not know.</summary>
    private static int? PreferredSize(HttpRequest request) =>
        (Preference.ValueOf(request, "odata.maxpagesize") ?? Preference.ValueOf(request, "maxpagesize")) is { } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null;

    private static void CheckVersion(HttpRequest request)
    {
        if (request.Headers["OData-MaxVersion"] is [{ Length: > 0 } text]
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) && version < 4)
            throw new TerminalException(FailureKind.Invalid, "UnsupportedVersion", $"OData 4.0 is spoken here, and OData-MaxVersion allows {text} at most.", "OData-MaxVersion");
    }

    private static TerminalException Unknown(string name, string[] known)
    {
        var shown = name.Length <= 64 ? name : name[..64] + "…";
        if (NotOffered.Contains(name, StringComparer.Ordinal) || (name.StartsWith('@') && name.Length > 1))
            return new TerminalException(FailureKind.NotImplemented, "NotOffered", $"The option {shown} is not offered. Options: {string.Join(", ", known)}.", shown);
        var meant = known.FirstOrDefault(option => option.TrimStart('$').Equals(name.TrimStart('$'), StringComparison.OrdinalIgnoreCase));
        return new TerminalException(
            FailureKind.Invalid,
            "UnknownQueryOption",
            $"There is no option '{shown}' here.{(meant is null ? DidYouMean.Sentence(name, known) : $" Did you mean '{meant}'?")} Options: {string.Join(", ", known)}.",
            shown);
    }
}
