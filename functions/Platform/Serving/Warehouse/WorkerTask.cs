using System.Text.Json;

namespace DataPlatform.Serving.Warehouse;

/// <summary>A query for a worker, over views of local files.</summary>
/// <param name="Sql">One SELECT.</param>
/// <param name="Views">The SELECT that each name stands for.</param>
/// <param name="Files">All files that the views read; the worker's engine can open no other.</param>
/// <param name="MaxBytes">Of the answer's body.</param>
internal sealed record WorkerTask(
    string Sql,
    IReadOnlyDictionary<string, JsonElement> Parameters,
    IReadOnlyDictionary<string, string> Views,
    IReadOnlyList<string> Files,
    RowFormat Format,
    long MaxRows,
    long MaxBytes,
    bool Explain);
