using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Preview;

/// <param name="Created">The dataset that the batch has made; null when it was there.</param>
public sealed record FirstBatch(Receipt Receipt, CreatedDataset? Created);
