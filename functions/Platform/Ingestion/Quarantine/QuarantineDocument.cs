using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Reads the documents of requests strictly: members that nobody knows are mistakes.</summary>
internal static class QuarantineDocument
{
    private const int MaxFields = 100;
    private const int MaxReason = 500;

    private static readonly JsonSerializerOptions Options = new(PlatformJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    /// <exception cref="TerminalException"><c>InvalidReplay</c>.</exception>
    public static ReplayRequest ReadReplay(string dataset, ReadOnlyMemory<byte> document)
    {
        var request = Read<ReplayRequest>(document, "InvalidReplay");
        Check(dataset, request, "InvalidReplay");
        if (request.Patch is { } patch)
        {
            CheckLists("nullTokens", patch.NullTokens);
            CheckLists("formats", patch.Formats);
        }

        var fields = (request.Patch?.Rename?.Count ?? 0) + (request.Patch?.Expressions?.Count ?? 0) + (request.Patch?.Set?.Count ?? 0);
        return fields <= MaxFields ? request : throw Invalid("InvalidReplay", $"A patch changes at most {MaxFields} fields, not {fields}.", "$.patch");
    }

    /// <exception cref="TerminalException"><c>InvalidDismissal</c>.</exception>
    public static DismissalRequest ReadDismissal(string dataset, ReadOnlyMemory<byte> document)
    {
        var request = Read<DismissalRequest>(document, "InvalidDismissal");
        Check(dataset, request, "InvalidDismissal");
        return request.Reason is { Length: > 0 and <= MaxReason }
            ? request
            : throw Invalid("InvalidDismissal", $"Say in 'reason' why the rows are given up, in at most {MaxReason} characters.", "$.reason");
    }

    private static T Read<T>(ReadOnlyMemory<byte> document, string code)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(document.Span, Options) ?? throw new JsonException("The document is null.");
        }
        catch (JsonException mistake)
        {
            var place = mistake.Path ?? "$";
            throw Invalid(code, $"The document cannot be read at {place}: {Explain<T>(mistake, place)}", place);
        }
    }

    /// <summary>Says what is wrong in words of the document: the serializer speaks of types.</summary>
    private static string Explain<T>(JsonException mistake, string place)
    {
        if (mistake.Message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            var type = place.StartsWith("$.patch.", StringComparison.Ordinal) ? typeof(ReplayPatch) : typeof(T);
            return $"there is no such member. Known: {string.Join(", ", Options.GetTypeInfo(type).Properties.Select(property => property.Name))}.";
        }

        if (mistake.Message.Contains("could not be converted", StringComparison.Ordinal))
            return "the value is of another kind than is read here.";
        var end = mistake.Message.IndexOf(" Path:", StringComparison.Ordinal);
        return end < 0 ? mistake.Message : mistake.Message[..end];
    }

    private static void CheckLists(string member, IReadOnlyDictionary<string, IReadOnlyList<string>>? lists)
    {
        foreach (var (column, list) in lists ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            if (list is null || list.Contains(null!))
                throw Invalid("InvalidReplay", "A list of texts is needed, without null.", $"$.patch.{member}.{column}");
        }
    }

    private static void Check(string dataset, QuarantineSelection selection, string code)
    {
        if (selection.Cause == CauseKey.Other.Id)
            throw Invalid(code, "Other causes are not kept apart: name batches instead.", "$.cause");
        if (selection.Batches is not { } batches)
            return;
        if (batches.Count is 0 or > QuarantineSelection.MaxBatches)
            throw Invalid(code, $"Name 1 to {QuarantineSelection.MaxBatches} batches, or leave 'batches' out to mean all.", "$.batches");
        for (var i = 0; i < batches.Count; i++)
        {
            if (!BatchId.TryGetDataset(batches[i], out var owner) || owner != dataset)
                throw Invalid(code, $"'{Catalog.ObjectReader.Shorten(batches[i] ?? "")}' is no batch of '{dataset}'.", $"$.batches[{i}]");
        }
    }

    private static TerminalException Invalid(string code, string message, string target) => new(FailureKind.Invalid, code, message, target);
}
