using System.Text;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Ingestion.Uploads.Fetch;
using DataPlatform.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>Uploads without a host: tests call the activities as the orchestration does.</summary>
internal static class UploadBed
{
    public static UploadStore Uploads(this BatchBed bed) => bed.Services.GetRequiredService<UploadStore>();

    public static UploadActivities Activities(this BatchBed bed) => bed.Services.GetRequiredService<UploadActivities>();

    public static Task<UploadStart> ReceiveAsync(this BatchBed bed, string dataset, string csv, string? key = null) =>
        bed.ReceiveAsync(dataset, new MemoryStream(Encoding.UTF8.GetBytes(csv)), key);

    public static Task<UploadStart> ReceiveAsync(this BatchBed bed, string dataset, Stream body, string? key = null, string type = "text/csv") =>
        bed.Services.GetRequiredService<UploadReceiver>().ReceiveAsync(new BatchRequest(dataset, "tester", key, type, null, body), default);

    /// <summary>What the orchestration does.</summary>
    public static async Task<Upload> RunAsync(this BatchBed bed, string id)
    {
        var instance = (await bed.Uploads().GetAsync(id, default)).Instance;
        var begun = await bed.Activities().BeginAsync(id, instance, default);
        var error = begun.Error;
        for (var more = begun is { HasEnded: false, Origin: UploadOrigin.Url }; more && error is null;)
        {
            var fetched = await bed.Services.GetRequiredService<FetchActivities>().FetchAsync(id, default);
            (more, error) = (!fetched.IsComplete, fetched.Error);
        }

        if (error is null && !begun.HasEnded)
            error = (await bed.Activities().LoadAsync(id, default)).Error;
        await bed.Activities().EndAsync(id, instance, error, default);
        return await bed.Uploads().GetAsync(id, default);
    }

    public static async Task<Receipt> ReceiptAsync(this BatchBed bed, string id) => await bed.Batches.GetReceiptAsync(id, default);

    /// <summary>What is stored of uploads.</summary>
    public static string[] UploadFiles(this BatchBed bed)
    {
        var folder = Path.Combine(bed.StoreFolder, "objects", "lake", "uploads");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
    }
}
