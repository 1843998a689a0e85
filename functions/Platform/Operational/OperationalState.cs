namespace DataPlatform.Operational;

/// <summary>How far the rows of a dataset can be relied on. An epoch's rows are built from one version of the table, which is fixed before
/// the first of them is written, so that all who build do the same; the commits behind it follow one by one.</summary>
/// <param name="TableId">Delta's id of the table.</param>
/// <param name="Signature">The key's and order's fields and types, which all positions and ids follow from.</param>
/// <param name="DefinitionVersion">Of the contract that asked for it.</param>
/// <param name="Built">The table version that the epoch starts with.</param>
/// <param name="IsBuilt">All rows of that version are there.</param>
/// <param name="Replaced">The newest table version that replaced all rows; -1 when none did.</param>
internal sealed record OperationalState(
    long Epoch, string TableId, string Signature, long DefinitionVersion, long Built, bool IsBuilt, long Replaced);
