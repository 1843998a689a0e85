using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

internal sealed class LocalRetryContext(int retryCount, int maxRetryCount) : RetryContext
{
    public override int RetryCount => retryCount;

    public override int MaxRetryCount => maxRetryCount;
}
