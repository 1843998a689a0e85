using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>Between HTTP and the receiver of blocks, as clients of Azure blobs speak it.</summary>
public sealed class BlockAnswers(BlockReceiver receiver)
{
    private const string Version = "2021-12-02";
    private static readonly string[] Options = ["comp", "blockid", "blocklisttype", "timeout", UploadAddresses.ExpiresOption, UploadAddresses.SignatureOption];

    public async Task<IResult> PutAsync(HttpRequest request, string dataset, string id, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, Options);
        var upload = await AdmitAsync(query, dataset, id, cancellationToken);
        if (request.Headers.ContainsKey("x-ms-content-crc64"))
            throw new TerminalException(FailureKind.Invalid, "UnsupportedHeader", "This address does not check a CRC64: send Content-MD5, or none.", "x-ms-content-crc64");
        await using var body = BlockReceiver.Check(request.Body, request.Headers.ContentMD5);
        switch (query.Text("comp"))
        {
            case "block":
                await receiver.StageAsync(upload, query.Text("blockid") ?? "", body, cancellationToken);
                return Created(null);
            case "blocklist":
                return Created(await receiver.CommitAsync(upload, body, Preconditions.Read(request), cancellationToken));
            case null when request.Headers["x-ms-blob-type"] is ["BlockBlob"] or []:
                return Created(await receiver.PutAsync(upload, body, Preconditions.Read(request), cancellationToken));
            default:
                throw Unknown("Put Block (comp=block), Put Block List (comp=blocklist) or Put Blob of a block blob");
        }
    }

    public async Task<IResult> GetAsync(HttpRequest request, string dataset, string id, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, Options);
        var upload = await AdmitAsync(query, dataset, id, cancellationToken);
        if (query.Text("comp") != "blocklist")
            throw Unknown("Get Block List (comp=blocklist)");
        var type = query.Text("blocklisttype") ?? "committed";
        var blocks = await receiver.ListAsync(upload, cancellationToken);
        request.HttpContext.Response.Headers["x-ms-version"] = Version;
        return TypedResults.Text(BlockReceiver.Write(blocks, type is "committed" or "all", type is "uncommitted" or "all"), "application/xml");
    }

    private Task<Upload> AdmitAsync(QueryOptions query, string dataset, string id, CancellationToken cancellationToken) =>
        receiver.AdmitAsync(dataset, id, query.Text(UploadAddresses.ExpiresOption), query.Text(UploadAddresses.SignatureOption), cancellationToken);

    private static TerminalException Unknown(string known) => new(FailureKind.Invalid, "UnsupportedOperation", $"This address takes {known}, and nothing else of the blob service.", "comp");

    private static EmptyAnswer Created(ObjectInfo? info)
    {
        var headers = new Dictionary<string, string> { ["x-ms-version"] = Version };
        if (info is not null)
        {
            headers["ETag"] = $"\"{info.ETag}\"";
            headers["Last-Modified"] = info.LastModified.ToString("R", CultureInfo.InvariantCulture);
        }

        return new EmptyAnswer(StatusCodes.Status201Created) { Headers = headers };
    }
}
