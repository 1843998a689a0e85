namespace DataPlatform.Ingestion.Uploads.Fetch;

internal sealed record SeenRequest(string Path, string Range, string IfRange, IReadOnlyList<string> Headers);
