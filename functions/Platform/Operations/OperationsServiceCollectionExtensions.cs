using DataPlatform.Operations;

namespace Microsoft.Extensions.DependencyInjection;

public static class OperationsServiceCollectionExtensions
{
    /// <summary>Receipts and the ledger. Needs the lake, the tables and the catalog.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<ReceiptStore>();
        services.AddSingleton<ReceiptProjection>();
        services.AddSingleton<Ledger>();
        return services;
    }
}
