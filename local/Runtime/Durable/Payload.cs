using System.Text;

namespace DataPlatform.Local.Runtime.Durable;

internal static class Payload
{
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
