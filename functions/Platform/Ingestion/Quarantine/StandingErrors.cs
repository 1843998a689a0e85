using DataPlatform.Catalog;
using DataPlatform.Ingestion.Preview;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>
/// Errors of rows whose personal values are protected in the quarantine: what broke a rule is not there any more, so it cannot be seen whether it
/// still does. Such an error stands as long as the contract has the rule.
/// </summary>
/// <param name="personal">Input names of the fields that were protected.</param>
internal sealed class StandingErrors(IReadOnlySet<string> personal, DatasetDefinition contract)
{
    /// <returns>The errors that keep the row where it is.</returns>
    public IReadOnlyList<BrokenValue> Of(QuarantinedRow row) => [.. row.Errors.Where(Stands)];

    private bool Stands(BrokenValue error)
    {
        // Fields that the contract does not know were left out of what was kept.
        if (error.Rule == "unknown_field")
            return contract.OnUnexpected.Columns != UnexpectedPolicy.DiscardValue;
        if (error.Column is null || !personal.Contains(error.Column))
            return false;
        var field = contract.Fields.FirstOrDefault(field => field.InputName == error.Column);
        return field is not null && error.Rule switch
        {
            "required" => field.Required && field.Default is null,
            "min" => field.Min is not null,
            "max" => field.Max is not null,
            "min_length" => field.MinLength is not null,
            "max_length" => field.MaxLength is not null,
            "pattern" => field.Pattern is not null,
            "enum" => field.Enum is not null,
            "expression" => field.Expression is not null,
            _ => true,
        };
    }
}
