namespace DataPlatform.Catalog;

/// <summary>One piece of a <see cref="DatePattern"/>.</summary>
/// <param name="Kind">The pattern's letter (<c>y M d H h m s f t z</c>), or <c>'</c> for a literal.</param>
/// <param name="Width">How often the letter stands there.</param>
/// <param name="Literal">UTF-8.</param>
internal sealed record DatePart(char Kind, int Width, byte[] Literal);
