namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>The address of a remote file. Its query is a secret (shared access signatures stand there): only <see cref="Shown"/> may be
/// told, stored where lists show it, or logged.</summary>
internal sealed class FetchUrl(Uri address)
{
    /// <summary>All of it, for the connection only.</summary>
    public Uri Address { get; } = address;

    /// <summary>Scheme, host and path.</summary>
    public string Shown { get; } = address.GetLeftPart(UriPartial.Path);

    public override string ToString() => Shown;
}
