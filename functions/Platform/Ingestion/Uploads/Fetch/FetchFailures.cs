using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>What is told of fetches that cannot succeed. Whatever kind of address was refused, and whether something is there, the words are
/// the same: nobody learns what the platform's network holds.</summary>
internal static class FetchFailures
{
    public static TerminalException InvalidUrl(string message) => new(FailureKind.Invalid, "InvalidUrl", message, "$.url");

    public static TerminalException AddressRefused(string shown) => new(
        FailureKind.Forbidden, "AddressRefused",
        $"'{shown}' is not fetched: its host has no address that this platform connects to, or sends the request on to one. Give the URL of a public "
        + "server; an operator may allow others by the setting 'FetchAllow'.",
        "$.url");

    public static TerminalException Refused(FetchUrl url, string reason) =>
        new(FailureKind.Unprocessable, "FetchFailed", $"'{url.Shown}' cannot be fetched: {reason}", "$.url");

    public static TerminalException TooLarge(FetchUrl url, long limit) => new(
        FailureKind.TooLarge, "FetchTooLarge", $"'{url.Shown}' has more than {limit} bytes, the most that is fetched (setting 'MaxFetchBytes'). Split it.", "$.url");

    public static TerminalException Differs(FetchUrl url, string what, string member) => new(
        FailureKind.Unprocessable, "ContentDiffers", $"'{url.Shown}' is not the file that was asked for: {what}. Nothing was loaded.", member);
}
