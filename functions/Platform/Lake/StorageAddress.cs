using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>What <see cref="PlatformOptions.Storage"/> says, read.</summary>
public sealed record StorageAddress
{
    private const string FolderPrefix = "folder:";
    private const string Development = "UseDevelopmentStorage=true";

    private StorageAddress()
    {
    }

    /// <summary>The local folder; null for an account.</summary>
    public string? Folder { get; private init; }

    /// <summary>Holds secrets: never log it. Null for a folder and for an account reached by managed identity.</summary>
    public string? ConnectionString { get; private init; }

    /// <summary>The account reached by managed identity; null for all else.</summary>
    public string? AccountName { get; private init; }

    /// <exception cref="TerminalException"><c>InvalidSetting</c>: it is none of the four forms. Never repeats the value.</exception>
    public static StorageAddress Parse(string value)
    {
        var text = value.Trim();
        if (text.StartsWith(FolderPrefix, StringComparison.Ordinal) && text.Length > FolderPrefix.Length)
            return new() { Folder = text[FolderPrefix.Length..] };
        if (text.TrimEnd(';').Equals(Development, StringComparison.OrdinalIgnoreCase))
            return new() { ConnectionString = Development };
        if (text.Contains("AccountName=", StringComparison.OrdinalIgnoreCase) || text.Contains("BlobEndpoint=", StringComparison.OrdinalIgnoreCase))
            return new() { ConnectionString = text };
        if (text.Length is >= 3 and <= 24 && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            return new() { AccountName = text };

        throw new TerminalException(
            FailureKind.Internal,
            "InvalidSetting",
            "The setting DataPlatform:Storage is none of 'UseDevelopmentStorage=true' (Azurite), a storage connection string, a storage "
            + "account name of 3 to 24 lower-case letters and digits (managed identity), or 'folder:PATH'.",
            "DataPlatform:Storage");
    }
}
