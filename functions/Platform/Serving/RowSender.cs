using System.Buffers;
using DataPlatform.Serving.TableReading;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Serving;

/// <summary>Sends the rows of a page as they are computed, a buffer at a time. Nothing of the response is set before its first bytes are there.</summary>
/// <param name="buffer">The one that <paramref name="writer"/> writes to.</param>
/// <param name="pageBytes">A page ends early when it has as many bytes.</param>
internal sealed class RowSender(HttpResponse response, RowWriter writer, ArrayBufferWriter<byte> buffer, long pageBytes)
{
    public const int BufferBytes = 40 << 10;

    /// <summary>Sets status and headers.</summary>
    public required Action Begin { get; init; }

    /// <summary>The address of the page that begins at a place, and the cursor in it.</summary>
    public required Func<RowPosition, (string Link, string Cursor)> Next { get; init; }

    /// <summary>Reading blocks while rows are computed: to be called on a worker thread.</summary>
    public async Task SendAsync(TableRows rows, CancellationToken cancellationToken)
    {
        writer.Begin(rows.Count);
        AnswerBody? body = null;
        try
        {
            var sent = 0L;
            while (rows.Read())
            {
                writer.Write(rows.Reader);
                if (buffer.WrittenCount + writer.Pending < writer.FlushBytes)
                    continue;
                sent += buffer.WrittenCount + writer.Pending;
                await FlushAsync(whole: false);
                if (sent >= pageBytes)
                    rows.EndPage();
            }

            var (link, cursor) = rows.Next is { } position ? Next(position) : default;
            writer.End(link, cursor);
            await FlushAsync(whole: true);
            await body!.EndAsync();
        }
        finally
        {
            if (body is not null)
                await body.DisposeAsync();
        }

        async Task FlushAsync(bool whole)
        {
            writer.Flush();
            if (body is null)
            {
                Begin();
                body = AnswerBody.Open(response, buffer.WrittenCount, whole);
            }

            await body.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
        }
    }
}
