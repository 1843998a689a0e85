namespace DataPlatform.Ingestion.Dedupe;

/// <summary>A key file is not what it should be. It is written anew from its data file, so no caller sees this.</summary>
internal sealed class KeyFileException(string path, string what) : Exception($"The key file '{path}' {what}.");
