using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.Hosting;

internal static partial class HostAdapters
{
    private const string HubName = "DataPlatform:EventHub";

    static partial void Add(IHostApplicationBuilder builder)
    {
        // The official host reads it from the settings alone.
        if (builder.Configuration[HubName] is null)
            builder.Configuration.AddInMemoryCollection([KeyValuePair.Create(HubName, (string?)"events")]);
    }
}
