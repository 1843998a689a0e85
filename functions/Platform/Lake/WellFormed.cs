namespace DataPlatform.Lake;

/// <summary>Names with half of a surrogate pair become replacement characters in storage, so that two names would be one.</summary>
internal static class WellFormed
{
    public static bool Check(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }

        return true;
    }
}
