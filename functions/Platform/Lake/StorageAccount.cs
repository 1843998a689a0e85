using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>
/// The clients of one storage account (or Azurite). They repeat a failed request three times within seconds, and no longer: whoever called
/// the platform gets its 503 while it still waits.
/// </summary>
public sealed class StorageAccount
{
    private const int Retries = 3;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    // For one try, and for each pause within a body: a block of some megabytes must pass over a slow line.
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(30);

    // One for the process, as the SDK's own default is: connections are what is worth sharing.
    private static readonly HttpClientTransport Transport = new(new HttpClient(
        new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxConnectionsPerServer = 100,
        })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    });

    /// <exception cref="TerminalException"><c>InvalidSetting</c>: the connection string is not usable. Never repeats it.</exception>
    public StorageAccount(StorageAddress address)
    {
        // Pinned to what the pinned Azurite knows, so that one started without --skipApiVersionCheck works too.
        var blobOptions = Configure(new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05));
        var tableOptions = Configure(new TableClientOptions(TableClientOptions.ServiceVersion.V2020_12_06));
        try
        {
            if (address.AccountName is { } name)
            {
                var credential = new DefaultAzureCredential();
                Blobs = new BlobServiceClient(new Uri($"https://{name}.blob.core.windows.net"), credential, blobOptions);
                Tables = new TableServiceClient(new Uri($"https://{name}.table.core.windows.net"), credential, tableOptions);
            }
            else
            {
                Blobs = new BlobServiceClient(address.ConnectionString, blobOptions);
                Tables = new TableServiceClient(address.ConnectionString, tableOptions);
            }
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or ArgumentException)
        {
            // Without the inner exception: its text may hold parts of the connection string.
            throw new TerminalException(
                FailureKind.Internal,
                "InvalidSetting",
                "The connection string in DataPlatform:Storage is not usable: copy it again from the account's access keys; it names "
                + "AccountName and AccountKey, or BlobEndpoint and TableEndpoint.",
                "DataPlatform:Storage");
        }

        BlobEndpoint = new StorageEndpoint(Blobs.Uri);
        TableEndpoint = new StorageEndpoint(Tables.Uri);
    }

    public StorageEndpoint BlobEndpoint { get; }

    internal BlobServiceClient Blobs { get; }

    internal TableServiceClient Tables { get; }

    internal StorageEndpoint TableEndpoint { get; }

    /// <summary>How each client of an account retries, gives up and logs.</summary>
    public static TOptions Configure<TOptions>(TOptions options)
        where TOptions : ClientOptions
    {
        options.Transport = Transport;
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = Retries;
        options.Retry.Delay = FirstDelay;
        options.Retry.MaxDelay = LongestDelay;
        options.Retry.NetworkTimeout = NetworkTimeout;

        // Keys and rows stand in URLs; the platform's own telemetry names the operation.
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        return options;
    }
}
