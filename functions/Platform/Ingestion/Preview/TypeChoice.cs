using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Preview;

/// <summary>
/// The type that a sample speaks for. The narrowest type that takes all values; where none does, the one that takes at least 90 percent of ten or
/// more (the others are misfits, which the contract keeps as text beside); else <c>json</c> when JSON values of several kinds are mixed,
/// and <c>string</c>. Digits that a number would not keep (<c>007</c>) are text; dates that can be read in two ways are, too.
/// </summary>
/// <param name="Misfits">Values that are not of this type.</param>
/// <param name="Candidate">Knows smallest and largest value; null when there is none.</param>
/// <param name="Warning">Null when there is nothing to say.</param>
internal sealed record TypeChoice(
    FieldType Type, int Precision, int Scale, string? Format, long Misfits, TypeCandidate? Candidate, string? Warning)
{
    private const int FewValues = 10;

    // Ten times what was seen must fit, for what follows may be larger.
    private const long Int32Headroom = int.MaxValue / 10;

    public static TypeChoice Of(FieldSample sample)
    {
        if (sample.Declared is { } declared)
        {
            var field = declared.Field;
            return new TypeChoice(field.Type, field.Precision, field.Scale, null, sample.Values - declared.Fits, declared, null);
        }

        if (sample.Values == 0)
            return Text(sample, "has no values in the sample, and is taken for text.");
        var best = Best(sample);
        var texts = sample.Texts;
        if (best is not null && IsEnough(best.Fits, sample))
            return Of(sample, best);
        if (IsEnough(texts, sample))
            return Text(sample, null);
        return sample.Natives > 0
            ? new TypeChoice(FieldType.Json, 0, 0, null, 0, null, "has values of several kinds, and is kept as JSON.")
            : Text(sample, null);
    }

    private static bool IsNumber(TypeCandidate candidate) => candidate.Field.Type is FieldType.Int64 or FieldType.Decimal or FieldType.Float64;

    private static bool IsEnough(long fits, FieldSample sample) =>
        fits == sample.Values || (sample.Values >= FewValues && fits * 10 >= sample.Values * 9);

    private static TypeCandidate? Best(FieldSample sample)
    {
        TypeCandidate? best = null;
        foreach (var candidate in sample.Candidates)
        {
            // Decimals are for whole numbers that are too large for 64 bits.
            if ((sample.Codes > 0 && IsNumber(candidate)) || (sample.Scale != 0 && candidate.Field.Type == FieldType.Decimal))
                continue;
            if (candidate.Fits > (best?.Fits ?? 0))
                best = candidate;
        }

        return best;
    }

    private static TypeChoice Of(FieldSample sample, TypeCandidate best)
    {
        var misfits = sample.Values - best.Fits;
        var format = best.Field.Formats?[0];
        if (format is not null && sample.Candidates.FirstOrDefault(other => other != best && other.Fits == best.Fits && other.Field.Type == best.Field.Type) is { } other)
            return Text(sample, $"has dates that can be read as '{format}' or '{other.Field.Formats?[0]}', and is kept as text. Make it a {EnumNames.Of(best.Field.Type)} and say which in 'formats'.");
        switch (best.Field.Type)
        {
            case FieldType.Int64 when best is { Minimum: >= -Int32Headroom, Maximum: <= Int32Headroom }:
                return new TypeChoice(FieldType.Int32, 0, 0, null, misfits, best, null);
            case FieldType.Float64 when sample is { Natives: 0, Scale: >= 2 and <= 4, WholeDigits: <= 12, Values: >= FewValues } && misfits == 0:
                return new TypeChoice(FieldType.Decimal, 18, sample.Scale, null, 0, best, null);
            case FieldType.Decimal:
                return new TypeChoice(FieldType.Decimal, FieldTypeName.MaxPrecision, 0, null, misfits, best, null);
            case FieldType.Timestamp when format is not null || sample.WithoutOffset > 0:
                return new TypeChoice(FieldType.Timestamp, 0, 0, format, misfits, best, "has timestamps without an offset, which are taken as UTC: say 'timeZone' if they are of another zone.");
            default:
                return new TypeChoice(best.Field.Type, 0, 0, format, misfits, best, null);
        }
    }

    private static TypeChoice Text(FieldSample sample, string? warning) =>
        new(FieldType.String, 0, 0, null, sample.Values - sample.Texts, sample.TextRange, warning);
}
