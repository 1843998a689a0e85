using System.Globalization;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>A service of a storage account, and what its failures mean.</summary>
public sealed class StorageEndpoint(Uri address)
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(60);

    /// <summary>Host and port; free of secrets.</summary>
    public string Host { get; } = address.Authority;

    /// <summary>One of the two roots of failure for an error of the SDK; null for what is a failure of ours or the caller's cancellation.</summary>
    public Exception? Explain(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        TransientException or TerminalException => null,
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,

        // Thrown when the tries are used up: each holds the same story.
        AggregateException { InnerExceptions: [.., var last] } => Explain(last, cancellationToken) ?? last,
        RequestFailedException { Status: 0 or 408 or 429 or >= 500 } failed => NoAnswer(failed, failed.Status),
        RequestFailedException { Status: 401 or 403 } failed => Denied(failed, $"{failed.Status} {failed.ErrorCode}"),
        RequestFailedException { ErrorCode: "ContainerBeingDeleted" or "TableBeingDeleted" or "OperationTimedOut" } failed =>
            NoAnswer(failed, failed.Status),
        RequestFailedException failed => new TerminalException(
            FailureKind.Internal,
            "StorageRefused",
            $"The storage at {Host} refused a request with {failed.Status} {failed.ErrorCode}.",
            innerException: failed),
        CredentialUnavailableException => Denied(exception, "no credential found"),
        AuthenticationFailedException => new TransientException($"No token could be got for the storage at {Host}.", exception),
        HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException => NoAnswer(exception, 0),
        _ => null,
    };

    private TransientException NoAnswer(Exception exception, int status)
    {
        var hint = address.IsLoopback ? " Start Azurite (./dev up does), or take a folder: DataPlatform__Storage=folder:.local/data." : "";
        var message = status == 0
            ? $"The storage at {Host} does not answer.{hint}"
            : $"The storage at {Host} is not available at the moment (status {status}).";
        var raw = (exception as RequestFailedException)?.GetRawResponse();
        return raw is not null
            && raw.Headers.TryGetValue("Retry-After", out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? new TransientException(message, exception) { RetryAfter = Min(TimeSpan.FromSeconds(seconds), LongestRetryAfter) }
                : new TransientException(message, exception) { RetryAfter = TimeSpan.FromSeconds(2) };
    }

    private TerminalException Denied(Exception exception, string reason) => new(
        FailureKind.Internal,
        "StorageDenied",
        $"The storage at {Host} denies access ({reason.TrimEnd()}): check the key in DataPlatform:Storage or, with a managed identity, its roles "
        + "'Storage Blob Data Contributor' and 'Storage Table Data Contributor' and the account's firewall.",
        "DataPlatform:Storage",
        innerException: exception);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
