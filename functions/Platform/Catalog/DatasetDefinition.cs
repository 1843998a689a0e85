namespace DataPlatform.Catalog;

/// <summary>A dataset and its contract.</summary>
public sealed record DatasetDefinition
{
    /// <summary><c>[a-z][a-z0-9_]{0,62}</c>, unique over datasets, tables and marts.</summary>
    public required string Name { get; init; }

    public string? Description { get; init; }

    public WriteDisposition WriteDisposition { get; init; } = WriteDisposition.Append;

    public required IReadOnlyList<FieldDefinition> Fields { get; init; }

    /// <summary>Names of the fields that identify a row; needed by <see cref="WriteDisposition.Merge"/>.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>Of rows of one batch with the same key only the first is loaded, the others count as duplicates.</summary>
    public bool Unique { get; init; }

    /// <summary>Null when keys may come again.</summary>
    public DedupeDefinition? Dedupe { get; init; }

    /// <summary>The operational store keeps the latest row of each key.</summary>
    public bool Operational { get; init; }

    /// <summary>The field whose largest value is the latest row in the operational store; null takes the row that was committed last.</summary>
    public string? OrderBy { get; init; }

    public IReadOnlyList<CheckDefinition> Checks { get; init; } = [];

    public UnexpectedRules OnUnexpected { get; init; } = new();

    public RawPolicy Raw { get; init; } = RawPolicy.Keep;

    /// <summary>The fields that the table's files are divided by when the table is made, or replaced as a whole.</summary>
    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    /// <summary>IANA name of the zone of timestamps that come without an offset.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>How its CSV is written.</summary>
    public CsvDialect Csv { get; init; } = CsvDialect.Default;
}
