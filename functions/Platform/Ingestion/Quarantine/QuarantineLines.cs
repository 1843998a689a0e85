using System.Runtime.CompilerServices;
using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Reads quarantine files row by row.</summary>
internal static class QuarantineLines
{
    private const int WindowBytes = 128 << 10;

    /// <param name="file">NDJSON as <see cref="QuarantineBuffer"/> writes it.</param>
    public static async IAsyncEnumerable<QuarantinedRow> ReadAsync(Stream file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var input = new InputBuffer(file, WindowBytes);
        while (true)
        {
            var length = input.Rest.IndexOf((byte)'\n');
            if (length < 0 && !input.IsLast)
            {
                await input.FillAsync(cancellationToken);
                continue;
            }

            if (length < 0)
                length = input.Rest.Length;
            if (length > 0)
                yield return QuarantinedRow.Parse(input.Bytes.AsMemory(input.Position, length));
            else if (input.Position == input.End)
                yield break;
            input.Position = Math.Min(input.Position + length + 1, input.End);
        }
    }
}
