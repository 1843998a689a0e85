namespace DataPlatform.Serving.Warehouse;

/// <summary>Why a query failed.</summary>
/// <param name="Kind">The engine's word: <c>Binder</c>, <c>Out of Memory</c> …</param>
/// <param name="Message">The engine's words, or ours.</param>
/// <param name="Position">Of the mistake in the caller's SQL, in bytes of UTF-8 from 0, when it is known.</param>
internal sealed record WorkerFailure(string Kind, string Message, int? Position = null);
