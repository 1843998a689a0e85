namespace DataPlatform.Gateway;

/// <summary>What a route reads from the request's body.</summary>
public enum RequestBody
{
    /// <summary>Nothing; a body is ignored.</summary>
    None,

    /// <summary>A JSON document of at most 1 MiB.</summary>
    Document,

    /// <summary>Data of any size up to the platform's body limits, streamed.</summary>
    Data,

    /// <summary>As <see cref="Data"/>, for a file of the lake.</summary>
    File,
}
