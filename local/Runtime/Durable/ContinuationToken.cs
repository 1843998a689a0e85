using System.Buffers.Text;
using System.Text;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The last instance id of a page, in a form that invites nobody to build one.</summary>
internal static class ContinuationToken
{
    public static string Write(string lastId) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(lastId));

    /// <exception cref="ArgumentException">The token is not one of ours.</exception>
    public static string? Read(string? token)
    {
        if (string.IsNullOrEmpty(token)) return null;
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        }
        catch (FormatException exception)
        {
            throw new ArgumentException("The continuation token is not one that a listing returned.", nameof(token), exception);
        }
    }
}
