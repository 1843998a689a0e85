using System.Text.Json;

namespace DataPlatform.Operational;

/// <summary>JSON Merge Patch (RFC 7396), section 2. Numbers stay as they are written.</summary>
internal static class MergePatch
{
    /// <param name="target">Anything; undefined when there is nothing.</param>
    public static void Write(Utf8JsonWriter writer, JsonElement target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            patch.WriteTo(writer);
            return;
        }

        // As everywhere, the last of several members of one name counts.
        var changes = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in patch.EnumerateObject())
            changes[member.Name] = member.Value;

        writer.WriteStartObject();
        if (target.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in target.EnumerateObject())
            {
                if (!changes.Remove(member.Name, out var change))
                    member.WriteTo(writer);
                else if (change.ValueKind != JsonValueKind.Null)
                    WriteMember(writer, member.Name, member.Value, change);
            }
        }

        foreach (var (name, change) in changes)
        {
            if (change.ValueKind != JsonValueKind.Null)
                WriteMember(writer, name, default, change);
        }

        writer.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, JsonElement target, JsonElement change)
    {
        writer.WritePropertyName(name);
        Write(writer, target, change);
    }
}
