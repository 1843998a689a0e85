using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Sql;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Proposes contracts from samples, and stores nothing. The same body gives the same contract, however it arrives.</summary>
public sealed class ContractInference(ScratchFolder scratch, IngestionLimits limits)
{
    /// <summary>Rows that are looked at unless the request says otherwise.</summary>
    public const int DefaultRows = 10_000;

    public const int MaxRows = 100_000;

    private const int SniffBytes = 128 << 10;
    private const int MaxSampleBytes = 16 << 20;

    /// <param name="rows">How many rows to look at.</param>
    /// <exception cref="TerminalException"><c>NothingToInfer</c>: the sample has no fields; or as ingestion would refuse the body.</exception>
    public async Task<Inference> InferAsync(PreviewRequest request, int rows, CancellationToken cancellationToken)
    {
        if (!NameRules.IsTableName(request.Dataset))
            throw new TerminalException(FailureKind.Invalid, "InvalidName", NameRules.Reserved.Contains(request.Dataset) ? $"'{request.Dataset}' is reserved: take another name." : $"'{request.Dataset}' cannot name a dataset: start with a letter a-z, then up to 62 of a-z, 0-9 and '_'.", "dataset");

        var body = await PreviewBody.OpenAsync(request, cancellationToken);
        await using var unfolded = BodyReader.Unfold(body.Media.Compression, body.Content, limits);
        var plain = unfolded ?? body.Content;
        var start = new byte[body.Media.Format == BatchFormat.Csv ? SniffBytes : 0];
        var length = await plain.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        var isWhole = length < start.Length;
        await using var stream = new SampleStream(start.AsMemory(0, length), plain);

        var columns = 0;
        var dialect = body.Media.Format == BatchFormat.Csv ? CsvSniffer.Sniff(start.AsSpan(0, length), isWhole, body.Media, out columns) : CsvDialect.Default;
        var media = body.Media with { Compression = BodyCompression.None, Csv = CsvParameters.None, Charset = body.Media.Format == BatchFormat.Csv ? dialect.Encoding : body.Media.Charset };
        var empty = new DatasetDefinition { Name = request.Dataset, Fields = [], OnUnexpected = UnexpectedPolicy.Evolve, Csv = dialect };

        var samples = new List<FieldSample>();
        try
        {
            await using var scan = new RowScan(ContractPlan.Plain(empty), [], media, stream, scratch, limits with { BlockRows = rows });
            scan.Rows.Sampler = (name, stored) =>
            {
                samples.Add(new FieldSample(name, stored));
                return new SampleParser(samples[^1]);
            };
            if (media.Format == BatchFormat.Csv && !dialect.Header)
            {
                for (var i = 1; i <= columns; i++)
                    scan.Rows.TryEvolve($"column_{i}");
            }

            bool more;
            do
                more = await scan.ReadAsync(cancellationToken);
            while (more && scan.Rows.Received < rows && !scan.Rows.IsFull && stream.BytesRead < MaxSampleBytes);
            return new ContractDraft(request.Dataset, dialect, media.Format, scan.Rows, samples).ToInference(stream.BytesRead, whole: !more);
        }
        finally
        {
            foreach (var sample in samples)
                sample.Dispose();
        }
    }
}
