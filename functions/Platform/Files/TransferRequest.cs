using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Files;

/// <summary>The body of a copy (<c>{"copyFrom": "files/…"}</c>) or move (<c>{"moveFrom": "files/…"}</c>).</summary>
/// <param name="Source">Address of an object, or of a folder, which ends with a slash.</param>
/// <param name="IsMove">Whether the source is deleted afterwards.</param>
internal sealed record TransferRequest(string Source, bool IsMove)
{
    private const string CopyFrom = "copyFrom";
    private const string MoveFrom = "moveFrom";

    public bool IsFolder => Source.EndsWith('/');

    /// <exception cref="TerminalException"><c>InvalidJson</c>, <c>InvalidTransfer</c>.</exception>
    public static TransferRequest Read(ReadOnlyMemory<byte> document)
    {
        var mistakes = new Mistakes();
        try
        {
            using var json = JsonDocument.Parse(document);
            if (ObjectReader.Open(json.RootElement, "$", mistakes) is { } reader)
            {
                var (copy, move) = (reader.Text(CopyFrom), reader.Text(MoveFrom));
                reader.Close();
                if (reader.Has(CopyFrom) == reader.Has(MoveFrom))
                    mistakes.Add("MissingMember", "$", $"Name what is to come here: either '{CopyFrom}' or '{MoveFrom}'.");
                if (mistakes.Count == 0)
                    return new TransferRequest((copy ?? move)!, move is not null);
            }
        }
        catch (JsonException damage)
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidJson", $"The document is not JSON: {damage.Message}", "body");
        }

        throw mistakes.ToException("the transfer", FailureKind.Invalid, "InvalidTransfer");
    }
}
