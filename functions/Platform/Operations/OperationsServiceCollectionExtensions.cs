using DataPlatform.Operations;
using DataPlatform.Tables;

namespace Microsoft.Extensions.DependencyInjection;

public static class OperationsServiceCollectionExtensions
{
    /// <summary>Receipts, the ledger and runs. Needs the lake, the tables and the catalog.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<ReceiptStore>();
        services.AddSingleton<ReceiptProjection>();
        services.AddSingleton<DatasetProjections>();
        services.AddSingleton<Ledger>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<RunGate>();
        services.AddSingleton<RunWaiter>();
        services.AddSingleton<RunFinisher>();
        services.AddSingleton<RunIndex>();
        services.AddSingleton<RunSearch>();
        services.AddSingleton<RunCancellation>();
        services.AddSingleton<RunAttempts>();
        services.AddSingleton<RunLog>();
        services.AddSingleton<BackfillStore>();
        services.AddSingleton<BackfillDriver>();
        services.AddSingleton<RunHolds>();
        services.AddSingleton(static provider => new HoldSource((table, id, cancellationToken) =>
            provider.GetRequiredService<RunHolds>().FindAsync(table, id, cancellationToken)));
        services.AddSingleton<ActivityAttempt>();
        return services;
    }
}
