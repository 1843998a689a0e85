using DataPlatform.App.Operations;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Processing.Lineage.Columns;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Processing;

/// <summary>Answers requests for lineage.</summary>
public sealed class LineageAnswers(LineageReader reader)
{
    public Task<IResult> OfTableAsync(HttpRequest request, string table, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "column", "direction", "depth", "columns", "indirect");
        return AnswerAsync(request, query, table, query.Text("column"), LedgerReader.Flag(query, "columns"), cancellationToken);
    }

    public Task<IResult> OfColumnAsync(HttpRequest request, string table, string column, CancellationToken cancellationToken) =>
        AnswerAsync(request, new QueryOptions(request, "direction", "depth", "indirect"), table, column, columns: true, cancellationToken);

    private async Task<IResult> AnswerAsync(
        HttpRequest request, QueryOptions query, string table, string? column, bool columns, CancellationToken cancellationToken)
    {
        var direction = LineageDirection.Both;
        if (query.Text("direction") is { } word && !EnumNames.TryParse(word, out direction))
        {
            throw new TerminalException(
                FailureKind.Invalid, "InvalidQueryOption", $"The query option 'direction' is one of {string.Join(", ", EnumNames.All<LineageDirection>())}.", "direction");
        }

        var depth = (int)(query.Number("depth", 1, LineageQuestion.MaxDepth) ?? LineageQuestion.DefaultDepth);
        var question = new LineageQuestion(table, column, direction, depth, columns, LedgerReader.Flag(query, "indirect"));
        return new JsonAnswer(
            StatusCodes.Status200OK, await reader.ReadAsync(question, Caller.Of(request.HttpContext).Has, cancellationToken));
    }
}
