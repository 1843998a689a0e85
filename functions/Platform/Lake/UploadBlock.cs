namespace DataPlatform.Lake;

/// <summary>A part of an object that is written in blocks.</summary>
/// <param name="Id">As its writer named it, in base64.</param>
public sealed record UploadBlock(string Id, long Bytes);
