using System.Text.Json;

namespace DataPlatform.Catalog;

/// <summary>
/// Takes the members of one JSON object by name, noting what is wrong with them. <see cref="Close"/> then tells of the members
/// nobody asked for, so that the code that reads a document is also the list of what it may hold.
/// </summary>
internal sealed class ObjectReader
{
    private const int LongestShown = 64;

    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];

    private ObjectReader(string path, Mistakes mistakes) => (Path, Mistakes) = (path, mistakes);

    /// <summary>The object's JSON path.</summary>
    public string Path { get; }

    public Mistakes Mistakes { get; }

    /// <summary>The names of its members, for objects whose members are named by their authors.</summary>
    public IReadOnlyCollection<string> Names => _members.Keys;

    /// <returns>Null, with a mistake noted, when the element is not an object.</returns>
    public static ObjectReader? Open(JsonElement element, string path, Mistakes mistakes)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add("WrongKind", path, $"This must be an object, not {KindOf(element)}.");
            return null;
        }

        var reader = new ObjectReader(path, mistakes);
        foreach (var member in element.EnumerateObject())
        {
            if (NameOf(member) is not { } name)
                mistakes.Add("InvalidText", path, "A member's name has half of a surrogate pair: write the whole character.");
            else if (!reader._members.TryAdd(name, member.Value))
                mistakes.Add("DuplicateMember", reader.PathOf(name), $"'{Shorten(name)}' stands here more than once: keep one.");
        }

        return reader;
    }

    public string PathOf(string name) =>
        NameRules.IsFieldName(name) ? $"{Path}.{name}" : $"{Path}['{Shorten(name).Replace("'", "\\'", StringComparison.Ordinal)}']";

    public bool Has(string name) => _members.ContainsKey(name);

    /// <summary>Whether the member is there and is true or false.</summary>
    public bool IsFlag(string name) => _members.TryGetValue(name, out var element) && element.ValueKind is JsonValueKind.True or JsonValueKind.False;

    public string? Text(string name, bool required = false, int maxLength = int.MaxValue)
    {
        if (Take(name, required, "a text", JsonValueKind.String) is not { } element)
            return null;
        if (TextOf(element, PathOf(name)) is not { } text)
            return null;

        if (required && string.IsNullOrWhiteSpace(text))
        {
            Mistakes.Add("EmptyText", PathOf(name), $"'{name}' must not be empty.");
            return null;
        }

        if (text.Length > maxLength)
            Mistakes.Add("TooLong", PathOf(name), $"'{name}' has {text.Length} characters; at most {maxLength} are allowed.");
        return text;
    }

    public bool Flag(string name, bool fallback = false) =>
        Take(name, false, "true or false", JsonValueKind.True, JsonValueKind.False)?.GetBoolean() ?? fallback;

    /// <summary>A member that is an object; who takes it closes it.</summary>
    public ObjectReader? Object(string name) =>
        Take(name, false, "an object", JsonValueKind.Object) is { } element ? Open(element, PathOf(name), Mistakes) : null;

    /// <summary>A number as it is written, or a text.</summary>
    public string? NumberOrText(string name)
    {
        if (Take(name, false, "a number or a text", JsonValueKind.Number, JsonValueKind.String) is not { } element)
            return null;
        return element.ValueKind == JsonValueKind.Number ? element.GetRawText() : TextOf(element, PathOf(name));
    }

    /// <summary>A text, or a number, true or false as it is written.</summary>
    public string? Scalar(string name)
    {
        if (Take(name, false, "a text, a number, true or false", JsonValueKind.String, JsonValueKind.Number, JsonValueKind.True, JsonValueKind.False) is not { } element)
            return null;
        return element.ValueKind == JsonValueKind.String ? TextOf(element, PathOf(name)) : element.GetRawText();
    }

    /// <summary>Whether the member is there and is null.</summary>
    public bool IsNull(string name)
    {
        if (!_members.TryGetValue(name, out var element) || element.ValueKind != JsonValueKind.Null)
            return false;
        _asked.Add(name);
        return true;
    }

    /// <summary>The member when it is an object; otherwise null, and nothing counts as asked for.</summary>
    public ObjectReader? Inner(string name)
    {
        if (!_members.TryGetValue(name, out var element) || element.ValueKind != JsonValueKind.Object)
            return null;
        _asked.Add(name);
        return Open(element, PathOf(name), Mistakes);
    }

    public int? Length(string name)
    {
        if (Take(name, false, "a whole number", JsonValueKind.Number) is not { } element)
            return null;
        if (element.TryGetInt32(out var value) && value >= 0)
            return value;

        Mistakes.Add("OutOfRange", PathOf(name), $"'{name}' must be a whole number from 0 to {int.MaxValue}.");
        return null;
    }

    public double? Number(string name, double min, double max)
    {
        if (Take(name, false, "a number", JsonValueKind.Number) is not { } element)
            return null;
        if (element.TryGetDouble(out var value) && value >= min && value <= max)
            return value;

        Mistakes.Add("OutOfRange", PathOf(name), $"'{name}' must be a number from {min} to {max}.");
        return null;
    }

    public T Choice<T>(string name, T fallback)
        where T : struct, Enum => Choice<T>(name, required: false) ?? fallback;

    public T? Choice<T>(string name, bool required)
        where T : struct, Enum
    {
        if (Text(name, required) is not { } text)
            return null;
        if (EnumNames.TryParse<T>(text, out var value))
            return value;

        var all = EnumNames.All<T>();
        Mistakes.Add(
            "UnknownValue",
            PathOf(name),
            $"'{Shorten(text)}' is not known here. Use {DidYouMean.OneOf(all)}.{DidYouMean.Sentence(text, all)}");
        return null;
    }

    /// <summary>The items of a list with their paths; none, with a mistake noted, when the member is not a list or a required one is
    /// missing or empty.</summary>
    public IReadOnlyList<(JsonElement Element, string Path)> Items(string name, int max, bool required = false)
    {
        if (Take(name, required, "a list", JsonValueKind.Array) is not { } list)
            return [];

        var path = PathOf(name);
        var count = list.GetArrayLength();
        if (count == 0 && required)
            Mistakes.Add("TooFew", path, $"'{name}' must have at least one item.");
        if (count > max)
        {
            Mistakes.Add("TooMany", path, $"'{name}' has {count} items; at most {max} are allowed.");
            return [];
        }

        return [.. list.EnumerateArray().Select((element, index) => (element, $"{path}[{index}]"))];
    }

    /// <summary>A list of texts, none empty or there twice.</summary>
    /// <param name="numbers">Whether numbers are taken too, as they are written.</param>
    public IReadOnlyList<(string Text, string Path)> Texts(string name, int max, bool required = false, bool numbers = false)
    {
        var texts = new List<(string, string)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (element, path) in Items(name, max, required))
        {
            var number = numbers && element.ValueKind == JsonValueKind.Number;
            if (!number && element.ValueKind != JsonValueKind.String)
                Mistakes.Add("WrongKind", path, $"This must be a text, not {KindOf(element)}.");
            else if ((number ? element.GetRawText() : TextOf(element, path)) is { } text)
            {
                if (text.Length == 0)
                    Mistakes.Add("EmptyText", path, "This must not be empty.");
                else if (!seen.Add(text))
                    Mistakes.Add("DuplicateName", path, $"'{Shorten(text)}' is listed twice: keep one.");
                else
                    texts.Add((text, path));
            }
        }

        return texts;
    }

    /// <summary>Notes every member that was not asked for.</summary>
    public void Close()
    {
        foreach (var name in _members.Keys.Except(_asked, StringComparer.Ordinal))
        {
            Mistakes.Add(
                "UnknownMember",
                PathOf(name),
                $"'{Shorten(name)}' is not known here.{DidYouMean.Sentence(name, _asked.Where(known => !Has(known)))} Known: {string.Join(", ", _asked)}.");
        }
    }

    public static string Shorten(string text) => text.Length <= LongestShown ? text : text[..LongestShown] + "…";

    private JsonElement? Take(string name, bool required, string expected, params ReadOnlySpan<JsonValueKind> kinds)
    {
        _asked.Add(name);
        if (!_members.TryGetValue(name, out var element))
        {
            if (required)
                Mistakes.Add("MissingMember", PathOf(name), $"'{name}' is missing: it must be {expected}.");
            return null;
        }

        if (kinds.Contains(element.ValueKind))
            return element;

        var hint = element.ValueKind == JsonValueKind.Null && !required ? " Leave the member out instead." : "";
        Mistakes.Add("WrongKind", PathOf(name), $"'{name}' must be {expected}, not {KindOf(element)}.{hint}");
        return null;
    }

    private string? TextOf(JsonElement element, string path)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            Mistakes.Add("InvalidText", path, "The text has half of a surrogate pair: write the whole character.");
            return null;
        }
    }

    private static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string KindOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
