using DataPlatform.Catalog;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

public static class CatalogServiceCollectionExtensions
{
    /// <summary><see cref="CatalogStore"/> and <see cref="TableCatalog"/>. Needs an object store and a row store.</summary>
    public static IServiceCollection AddCatalog(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CatalogStore>();
        services.AddSingleton<TableCatalog>();
        return services;
    }
}
