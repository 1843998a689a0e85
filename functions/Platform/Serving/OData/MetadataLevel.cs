namespace DataPlatform.Serving.OData;

/// <summary>How much JSON tells besides the values (<c>odata.metadata</c>).</summary>
internal enum MetadataLevel
{
    Minimal,
    Full,
    None,
}
