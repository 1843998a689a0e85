namespace Microsoft.Extensions.Hosting;

/// <summary>What a host brings along that the other has not.</summary>
internal static partial class HostAdapters
{
    /// <summary>To be called last: puts the host's own services in the place of what does everywhere.</summary>
    public static void AddHostAdapters(this IHostApplicationBuilder builder) => Add(builder);

    // Implemented in Azure/ and in Local/; each build compiles one of them.
    static partial void Add(IHostApplicationBuilder builder);
}
