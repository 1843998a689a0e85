using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Failures;

namespace DataPlatform.Catalog;

/// <summary>Turns documents into definitions, or tells of everything that is wrong with them at once.</summary>
public static class DefinitionParser
{
    /// <summary>Longest document, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    /// <summary>Reads and checks a document of type <typeparamref name="T"/>: <see cref="DatasetDefinition"/>,
    /// <see cref="PipelineDefinition"/>, <see cref="MartDefinition"/>, <see cref="RouteDefinition"/> or <see cref="DashboardDefinition"/>.</summary>
    /// <param name="json">UTF-8, with or without a byte order mark.</param>
    /// <param name="name">The name it is put under; a <c>name</c> in the document must be the same.</param>
    /// <exception cref="TerminalException"><c>MalformedJson</c> with line and column, <c>DocumentTooLarge</c>, or
    /// <c>InvalidDefinition</c> with a detail for each mistake.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> json, string name)
        where T : class
    {
        var kind = DefinitionKinds.Of<T>();
        var mistakes = new Mistakes();
        using var document = Open(json, kind, name);

        object? definition = null;
        CheckName(kind, name, mistakes);
        if (ObjectReader.Open(document.RootElement, "$", mistakes) is { } root)
        {
            _ = root.Text("$schema");
            if (root.Text("name") is { } inside && !string.Equals(inside, name, StringComparison.Ordinal))
                mistakes.Add("NameMismatch", "$.name", $"'{ObjectReader.Shorten(inside)}' is not the name in the address, '{name}': make them equal or leave it out.");

            definition = kind switch
            {
                DefinitionKind.Dataset => DatasetParser.Parse(root, name),
                DefinitionKind.Pipeline => PipelineParser.Parse(root, name),
                DefinitionKind.Route => RouteParser.Parse(root, name),
                DefinitionKind.Dashboard => DashboardParser.Parse(root, name),
                _ => MartParser.Parse(root, name),
            };
            root.Close();
        }

        return mistakes.Count == 0
            ? (T)definition!
            : throw mistakes.ToException(DefinitionKinds.Describe(kind, name), FailureKind.Invalid, "InvalidDefinition");
    }

    /// <summary>The bytes without a byte order mark.</summary>
    internal static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;

    private static JsonDocument Open(ReadOnlyMemory<byte> json, DefinitionKind kind, string name)
    {
        var what = DefinitionKinds.Describe(kind, name);
        json = WithoutMark(json);
        if (json.Length > MaxBytes)
            throw new TerminalException(FailureKind.TooLarge, "DocumentTooLarge", $"The definition of {what} has {json.Length} bytes; at most {MaxBytes} are read.", "$");
        if (!Utf8.IsValid(json.Span))
            throw new TerminalException(FailureKind.Invalid, "MalformedJson", $"The definition of {what} is not UTF-8: save it in that encoding.", "$");

        try
        {
            return JsonDocument.Parse(json, Options);
        }
        catch (JsonException exception)
        {
            var place = $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}";
            throw new TerminalException(
                FailureKind.Invalid, "MalformedJson", $"The definition of {what} is not JSON at {place}: {Reason(exception)}", place, innerException: exception);
        }
    }

    /// <summary>The parser's reason without the place, which it appends in another count.</summary>
    private static string Reason(JsonException exception)
    {
        var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }

    private static void CheckName(DefinitionKind kind, string name, Mistakes mistakes)
    {
        if (NameRules.IsDefinitionName(kind, name))
            return;
        if (NameRules.Reserved.Contains(name))
            mistakes.Add("ReservedName", "$.name", $"'{name}' is reserved: take another name.");
        else
            mistakes.Add("InvalidName", "$.name", $"'{ObjectReader.Shorten(name)}' cannot name a {DefinitionKinds.Word(kind)}: {NameRule(kind)}.");
    }

    private static string NameRule(DefinitionKind kind) => NameRules.MayHaveDashes(kind)
        ? "start with a letter a-z, then up to 62 of a-z, 0-9, '_' and '-'"
        : "start with a letter a-z, then up to 62 of a-z, 0-9 and '_'";
}
