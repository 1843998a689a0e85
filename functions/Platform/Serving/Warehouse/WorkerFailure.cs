namespace DataPlatform.Serving.Warehouse;

/// <summary>Why a query failed.</summary>
/// <param name="Kind">The engine's word: <c>Binder</c>, <c>Out of Memory</c> …</param>
/// <param name="Message">The engine's words, or ours.</param>
/// <param name="Position">Of the mistake in the SQL, in characters from 0, when it is known.</param>
internal sealed record WorkerFailure(string Kind, string Message, int? Position = null);
