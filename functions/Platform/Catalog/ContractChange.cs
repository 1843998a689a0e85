namespace DataPlatform.Catalog;

/// <summary>A difference between two versions of a contract.</summary>
/// <param name="Path">Its place in the new document, or in the old one when it is gone there.</param>
/// <param name="Message">What changed and, when it breaks something, what and for whom.</param>
public sealed record ContractChange(string Path, ChangeClass Class, string Message);
