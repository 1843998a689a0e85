using Amqp;
using Amqp.Framing;
using DataPlatform.Local.EventHubs.Broker;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>A hub did not do what it was asked to.</summary>
public sealed class HubException(HubFailure failure, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public HubFailure Failure { get; } = failure;

    /// <summary>The event that is at fault, counted from 0; null: none is.</summary>
    public int? EventIndex { get; init; }

    /// <summary>The most bytes that a message may have, where that was exceeded.</summary>
    public long? MaxMessageSize { get; init; }

    /// <param name="error">What the other side ended a link, session or connection with; null: it has just ended.</param>
    internal static HubException From(Error? error, string what, Exception? cause = null) => new(
        KindOf(error?.Condition?.ToString()),
        error is null ? $"{what} ended without a word." : $"{what} ended: {error.Description ?? error.Condition?.ToString()}",
        cause);

    internal static HubException From(Exception cause, string what) => cause switch
    {
        HubException same => same,
        AmqpException { Error: { } error } => From(error, what, cause),
        _ => new HubException(HubFailure.NoAnswer, $"{what}: {cause.Message}", cause),
    };

    internal static HubException From(int status, string? description, string what) => new(
        status switch
        {
            401 or 403 => HubFailure.Denied,
            404 => HubFailure.NotFound,
            503 or 429 => HubFailure.Busy,
            408 or >= 500 => HubFailure.NoAnswer,
            _ => HubFailure.Refused,
        },
        $"{what} was answered with {status}: {description}");

    /// <summary>What the codec throws where the other side, or the socket, is gone.</summary>
    internal static bool IsLoss(Exception exception) =>
        exception is AmqpException or TimeoutException or IOException or ObjectDisposedException or InvalidOperationException
            or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException;

    private static HubFailure KindOf(string? condition) => condition switch
    {
        ErrorCode.NotFound => HubFailure.NotFound,
        ErrorCode.UnauthorizedAccess => HubFailure.Denied,
        ErrorCode.MessageSizeExceeded => HubFailure.TooLarge,
        ErrorCode.Stolen => HubFailure.Stolen,
        ErrorCode.ResourceLimitExceeded or EventHubsErrors.ServerBusy => HubFailure.Busy,
        ErrorCode.NotImplemented or ErrorCode.NotAllowed or ErrorCode.InvalidField or ErrorCode.DecodeError => HubFailure.Refused,
        EventHubsErrors.ArgumentError or EventHubsErrors.ArgumentOutOfRange => HubFailure.Refused,
        _ => HubFailure.NoAnswer,
    };
}
