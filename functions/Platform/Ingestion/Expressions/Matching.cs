using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Regular expressions over UTF-8.</summary>
internal static class Matching
{
    private const int OnStack = 256;

    public static bool IsMatch(Regex regex, ReadOnlySpan<byte> text)
    {
        char[]? rented = null;
        var characters = text.Length <= OnStack ? stackalloc char[OnStack] : rented = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            return regex.IsMatch(characters[..Encoding.UTF8.GetChars(text, characters)]);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }
}
