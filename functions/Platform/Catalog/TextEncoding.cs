namespace DataPlatform.Catalog;

/// <summary>How a text body's characters are written. A byte order mark in the body has the last word.</summary>
public enum TextEncoding
{
    Utf8,

    /// <summary>Little-endian, unless its mark says otherwise.</summary>
    Utf16,
    Utf16BigEndian,

    /// <summary>ISO 8859-1: each byte is the character of its number.</summary>
    Latin1,
    Windows1252,
}
