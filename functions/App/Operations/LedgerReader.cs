using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Proof;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Operations;

/// <summary>Answers requests for the ledger.</summary>
public sealed class LedgerReader(Ledger ledger, LedgerProver prover, Links links)
{
    private const int DefaultTop = 20;
    private const int MaxTop = 100;

    /// <summary>The ledgers of all datasets.</summary>
    public async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "from", "to", "top", "after");
        var page = await ledger.ListAsync(RangeOf(query).Checked(), query.Text("after"), (int)(query.Number("top", 1, MaxTop) ?? DefaultTop), cancellationToken);
        return links.List(request, page.Ledgers, "after", page.Next);
    }

    public async Task<IResult> GetAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "from", "to", "by");
        var by = query.Text("by") switch
        {
            null or "none" => LedgerPeriod.None,
            "hour" => LedgerPeriod.Hour,
            "day" => LedgerPeriod.Day,
            _ => throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The query option 'by' is 'hour', 'day' or 'none'.", "by"),
        };
        return new JsonAnswer(StatusCodes.Status200OK, await ledger.GetAsync(dataset, RangeOf(query), by, cancellationToken));
    }

    /// <summary>Counts again from the table's commits and files and the raw zone.</summary>
    public async Task<IResult> ProveAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "from", "to", "after", "deep");
        var proof = await prover.ProveAsync(
            new ProofRequest(dataset, RangeOf(query), query.Number("after", 0, long.MaxValue) ?? -1, Flag(query, "deep")), cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, proof);
    }

    internal static bool Flag(QueryOptions query, string name) => query.Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", $"The query option '{name}' is 'true' or 'false'.", name),
    };

    private static LedgerRange RangeOf(QueryOptions query) => new(query.Time("from"), query.Time("to"));
}
