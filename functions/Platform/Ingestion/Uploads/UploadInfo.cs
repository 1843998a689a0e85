using System.Text.Json.Serialization;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>An upload, as those are told who ask for it.</summary>
/// <param name="Url">Where it is fetched from, without the query; null for other origins.</param>
/// <param name="Bytes">Of all that is to be loaded; null before that is known.</param>
/// <param name="KeptUntil">Until when it can be completed once more although it failed; null when it cannot.</param>
/// <param name="BytesRead">Read so far while loading.</param>
/// <param name="Rows">Read so far.</param>
/// <param name="Percent">0 to 100, of the stage that goes on; null when that cannot be known.</param>
/// <param name="Links">Addresses of what belongs to it, without scheme and host.</param>
public sealed record UploadInfo(
    string Id,
    string Dataset,
    UploadOrigin Origin,
    string? Url,
    [property: JsonConverter(typeof(JsonStringEnumConverter<UploadStatus>))] UploadStatus Status,
    UploadStage? Stage,
    string ContentType,
    string? ContentEncoding,
    DateTimeOffset Created,
    DateTimeOffset? Completed,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    DateTimeOffset? Expires,
    DateTimeOffset? KeptUntil,
    long? ExpectedBytes,
    string? Sha256,
    long? Bytes,
    long BytesRead,
    long Rows,
    double? Percent,
    RunFailure? Error,
    IReadOnlyDictionary<string, string> Links)
{
    public static UploadInfo Of(Upload upload)
    {
        var links = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["self"] = AddressOf(upload),
            ["dataset"] = $"/api/v1/datasets/{upload.Dataset}",
        };
        if (upload.Stage == UploadStage.Receiving || upload.KeptUntil is not null)
            links["complete"] = AddressOf(upload) + "/complete";
        if (upload.Completed is not null)
            links["receipt"] = $"/api/v1/receipts/{upload.Id}";
        return new UploadInfo(
            upload.Id, upload.Dataset, upload.Origin, upload.Url, upload.Status, upload.Stage, upload.ContentType, upload.ContentEncoding, upload.Created, upload.Completed,
            upload.Started, upload.Ended, upload.Expires, upload.KeptUntil, upload.ExpectedBytes, upload.Sha256, upload.Bytes, upload.BytesRead, upload.Rows, PercentOf(upload),
            upload.Error, links);
    }

    /// <summary>Where an upload is asked for, without scheme and host.</summary>
    public static string AddressOf(Upload upload) => $"/api/v1/ingest/{upload.Dataset}/uploads/{upload.Id}";

    private static double? PercentOf(Upload upload) =>
        upload.Status == UploadStatus.Succeeded ? 100
        : upload.Bytes is not > 0 || upload.Stage == UploadStage.Receiving ? null
        : Math.Round(Math.Min(100, 100.0 * upload.BytesRead / upload.Bytes.Value), 1);
}
