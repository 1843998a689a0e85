using System.Text;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Replays and dismissals of a bed's dataset <c>things</c>, without the orchestration.</summary>
internal static class ReplayBed
{
    public const string Dataset = "things";

    public static QuarantineReplayer Replayer(this BatchBed bed) => bed.Services.GetRequiredService<QuarantineReplayer>();

    public static async Task<ReplayReport> TryAsync(this BatchBed bed, string request) =>
        await bed.Replayer().TryAsync(Dataset, QuarantineReplayer.Read(Dataset, Encoding.UTF8.GetBytes(request)), default);

    public static Task<Replay> CreateAsync(this BatchBed bed, string request, string? key = null)
    {
        var document = Encoding.UTF8.GetBytes(request);
        return bed.Replayer().CreateAsync(Dataset, QuarantineReplayer.Read(Dataset, document), document, "tester", key, default);
    }

    /// <summary>What the orchestration does.</summary>
    public static async Task<ReplayReport> RunAsync(this BatchBed bed, string id)
    {
        foreach (var batch in await bed.Replayer().BeginAsync(id, default))
            await bed.Replayer().ReplayAsync(id, batch, default);
        await bed.Replayer().EndAsync(id, null, default);
        return await bed.Replayer().GetAsync(Dataset, id, default);
    }

    public static async Task<ReplayReport> ReplayAsync(this BatchBed bed, string request = "{}") => await bed.RunAsync((await bed.CreateAsync(request)).Id);

    public static Task<Dismissal> DismissAsync(this BatchBed bed, string request, string? key = null) =>
        bed.Services.GetRequiredService<QuarantineDismisser>().DismissAsync(Dataset, Encoding.UTF8.GetBytes(request), "tester", key, default);

    /// <summary>The receipt now; its quarantine adds up.</summary>
    public static async Task<Receipt> ReceiptAsync(this BatchBed bed, string id)
    {
        var receipt = await bed.Services.GetRequiredService<QuarantineService>().CompleteAsync(await bed.Batches.GetReceiptAsync(id, default), default);
        if (receipt.Quarantined > 0)
            Assert.Equal(receipt.Quarantined, receipt.Open + receipt.Replayed + receipt.Dismissed);
        return receipt;
    }

    public static async Task<string> CountsAsync(this BatchBed bed, Receipt receipt)
    {
        var now = await bed.ReceiptAsync(receipt.Id);
        return $"{now.Open} {now.Replayed} {now.Dismissed}";
    }

    public static async Task<IReadOnlyList<CommittedBatch>> BatchesAsync(this BatchBed bed)
    {
        List<CommittedBatch> batches = [];
        await foreach (var commit in bed.Table(Dataset).ReadCommitsAsync(-1, null, default))
            batches.AddRange(commit.Batches);
        return batches;
    }
}
