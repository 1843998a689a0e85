namespace DataPlatform.Catalog;

/// <summary>What to do with what the contract does not expect (<c>onUnexpected</c>).</summary>
/// <param name="Columns">Input fields that the contract does not know.</param>
/// <param name="Types">Values that are not of their field's type. <see cref="UnexpectedPolicy.Evolve"/> keeps them as text in a column
/// <c>{name}__text</c>.</param>
public sealed record UnexpectedRules(UnexpectedPolicy Columns = UnexpectedPolicy.Quarantine, UnexpectedPolicy Types = UnexpectedPolicy.Quarantine)
{
    /// <summary>Ends the names of columns that keep values of another type.</summary>
    public const string VariantSuffix = "__text";

    public static implicit operator UnexpectedRules(UnexpectedPolicy columns) => new(columns);
}
