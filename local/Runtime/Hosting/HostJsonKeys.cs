using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>The keys that the official host knows in <c>host.json</c>: others are told about, since a misspelt one would change nothing.</summary>
internal static class HostJsonKeys
{
    private static readonly string[] Root =
    [
        "$schema", "version", "functionTimeout", "retry", "functions", "watchDirectories", "watchFiles", "singleton", "logging", "aggregator",
        "healthMonitor", "extensionBundle", "managedDependency", "customHandler", "extensions", "concurrency", "telemetryMode",
        "sendCanceledInvocationsToWorker", "metadataProviderTimeout",
    ];

    private static readonly string[] Http =
    [
        "routePrefix", "maxOutstandingRequests", "maxConcurrentRequests", "dynamicThrottlesEnabled", "enableChunkedRequestBinding",
        "hsts", "customHeaders",
    ];

    private static readonly string[] DurableTask =
    [
        "hubName", "httpSettings", "storageProvider", "tracing", "notifications", "maxConcurrentActivityFunctions",
        "maxConcurrentOrchestratorFunctions", "maxConcurrentEntityFunctions", "localRpcEndpointEnabled", "maxEntityOperationBatchSize",
        "extendedSessionsEnabled", "extendedSessionIdleTimeoutInSeconds", "maxOrchestrationActions", "overridableExistingInstanceStates",
        "entityMessageReorderWindowInMinutes", "useGracefulShutdown", "rollbackEntityOperationsOnExceptions",
        "throwStatusExceptionsOnRaiseEvent", "useAppLease", "storeInputsInOrchestrationHistory", "appLeaseOptions", "defaultVersion",
        "versionMatchStrategy", "versionFailureStrategy",
    ];

    private static readonly string[] EventHubs =
    [
        "maxEventBatchSize", "minEventBatchSize", "maxWaitTime", "batchCheckpointFrequency", "prefetchCount", "loadBalancingUpdateInterval",
        "partitionOwnershipExpirationInterval", "initialOffsetOptions", "prefetchSizeInBytes", "targetUnprocessedEventThreshold", "transportType",
        "webProxy", "customEndpointAddress", "clientRetryOptions", "trackLastEnqueuedEventProperties", "enableCheckpointing",
    ];

    private static readonly string[] Logging =
        ["fileLoggingMode", "logLevel", "console", "applicationInsights", "categoryFilter"];

    private static readonly (string Section, string[] Keys)[] Sections =
        [("", Root), ("extensions:http", Http), ("extensions:durableTask", DurableTask), ("extensions:eventHubs", EventHubs), ("logging", Logging)];

    /// <summary>What changes how an app behaves on the official host, but not here.</summary>
    private static readonly string[] NotHeeded =
    [
        "retry", "functions", "extensions:http:maxOutstandingRequests", "extensions:http:maxConcurrentRequests",
        "extensions:http:dynamicThrottlesEnabled", "extensions:http:enableChunkedRequestBinding", "extensions:http:hsts",
        "extensions:http:customHeaders", "extensions:durableTask:overridableExistingInstanceStates",
        "extensions:eventHubs:prefetchSizeInBytes", "extensions:eventHubs:targetUnprocessedEventThreshold", "extensions:eventHubs:transportType",
        "extensions:eventHubs:webProxy", "extensions:eventHubs:customEndpointAddress", "extensions:eventHubs:clientRetryOptions",
        "extensions:eventHubs:trackLastEnqueuedEventProperties", "extensions:eventHubs:enableCheckpointing",
    ];

    public static void Check(IConfiguration root, StartErrors errors)
    {
        foreach (var (section, keys) in Sections)
        {
            var children = section.Length == 0 ? root.GetChildren() : root.GetSection(section).GetChildren();
            foreach (var child in children.Where(c => !keys.Contains(c.Key, StringComparer.OrdinalIgnoreCase)))
            {
                errors.Warn($"host.json: {Dotted(child.Path)} is not known and changes nothing{Suggestion.For(child.Key, keys)}.");
            }
        }

        foreach (var key in NotHeeded.Where(key => root.GetSection(key).Exists()))
        {
            errors.Warn($"host.json: {Dotted(key)} is heeded by the official host, but not by the local runtime.");
        }
    }

    private static string Dotted(string path) => path.Replace(':', '.');
}
