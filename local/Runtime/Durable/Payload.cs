using System.Text;
using System.Text.Json;

namespace DataPlatform.Local.Runtime.Durable;

internal static class Payload
{
    /// <summary>Says of which payload a reader complains; the type of the exception stays, for orchestrators that catch it.</summary>
    public static JsonException Unreadable(JsonException why, string what, Type type) =>
        new($"The {what} cannot be read as {type.Name}: {why.Message}", why.Path, why.LineNumber, why.BytePositionInLine, why);

    /// <exception cref="InvalidOperationException">The text is over the limit.</exception>
    public static string? Check(string? data, int maxBytes, string what)
    {
        if (data is null || data.Length <= maxBytes / 3) return data;
        int bytes = Encoding.UTF8.GetByteCount(data);
        return bytes <= maxBytes
            ? data
            : throw new InvalidOperationException(
                $"The {what} has {bytes:N0} bytes as JSON, the limit is {maxBytes:N0}: store the data and pass its path instead.");
    }
}
