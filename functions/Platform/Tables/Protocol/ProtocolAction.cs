using DataPlatform.Failures;

namespace DataPlatform.Tables.Protocol;

/// <summary>What a table demands of its readers and writers.</summary>
internal sealed record ProtocolAction
{
    /// <summary>Ours: reader 1, writer 2 (append-only tables and column invariants are the only features in it).</summary>
    public static readonly ProtocolAction Ours = new() { MinReaderVersion = 1, MinWriterVersion = 2 };

    // The features that came with each version before they could be named one by one.
    private static readonly string[][] ReaderFeaturesOfVersion = [[], [], [ColumnMapping]];

    private static readonly string[][] WriterFeaturesOfVersion =
        [[], [], [], ["checkConstraints"], ["changeDataFeed", "generatedColumns"], ["columnMapping"], ["identityColumns"]];

    private const string ColumnMapping = "columnMapping";

    // Columns of the type timestamp_ntz are read; no table of ours gets one.
    private static readonly string[] OurReaderFeatures = ["timestampNtz"];

    private static readonly string[] OurWriterFeatures = ["appendOnly", "invariants"];

    public required int MinReaderVersion { get; init; }

    public required int MinWriterVersion { get; init; }

    public string[]? ReaderFeatures { get; init; }

    public string[]? WriterFeatures { get; init; }

    /// <param name="metadata">Says whether a table that may map its columns does.</param>
    /// <exception cref="TerminalException"><c>TableFeatureUnsupported</c>: names the features.</exception>
    public void EnsureReadable(TableName table, MetadataAction? metadata)
    {
        if (MinReaderVersion <= 1)
            return;

        var features = (ReaderFeatures ?? UpTo(ReaderFeaturesOfVersion, MinReaderVersion)).Except(OurReaderFeatures, StringComparer.Ordinal);
        if (metadata?.Configuration.GetValueOrDefault("delta.columnMapping.mode") is null or "none")
            features = features.Where(feature => feature != ColumnMapping);
        string[] left = [.. features];
        if (left.Length > 0 || MinReaderVersion > 3)
            throw Unsupported(table, "read", "reader", MinReaderVersion, left);
    }

    /// <exception cref="TerminalException"><c>TableFeatureUnsupported</c>: names the features.</exception>
    public void EnsureWritable(TableName table, MetadataAction? metadata)
    {
        EnsureReadable(table, metadata);
        if (MinWriterVersion <= 2)
            return;

        var features = (WriterFeatures ?? UpTo(WriterFeaturesOfVersion, MinWriterVersion)).Except(OurWriterFeatures, StringComparer.Ordinal).ToArray();
        if (features.Length > 0 || MinWriterVersion != 7)
            throw Unsupported(table, "written", "writer", MinWriterVersion, features);
    }

    private static string[] UpTo(string[][] featuresOfVersion, int version) => [.. featuresOfVersion.Take(version + 1).SelectMany(f => f)];

    private static TerminalException Unsupported(TableName table, string verb, string role, int version, string[] features)
    {
        var names = features.Length == 0 ? "features of that version" : string.Join(", ", features.Select(feature => $"'{feature}'"));
        return new TerminalException(
            FailureKind.NotImplemented,
            "TableFeatureUnsupported",
            $"Table '{table}' cannot be {verb}: it demands {role} version {version} with {names}. "
            + "Rewrite it without them (Delta reader version 1, writer version 2).",
            table.Name);
    }
}
