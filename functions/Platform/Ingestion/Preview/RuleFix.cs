using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>What can be done about rows that break a rule.</summary>
internal static class RuleFix
{
    /// <param name="rule">As the quarantine writes it.</param>
    public static string Of(string rule) => EnumNames.TryParse<RowRule>(rule, out var known) ? Of(known) : "Correct the row.";

    private static string Of(RowRule rule) => rule switch
    {
        RowRule.Type => "Correct the value, or change the field: another 'type', 'formats' it is written in, 'nullTokens' that stand for nothing. 'onUnexpected.types' can keep such values.",
        RowRule.Required => "Send a value, give the field a 'default', or take back its 'required'.",
        RowRule.Min or RowRule.Max => "Correct the value, or change the field's 'min' and 'max'.",
        RowRule.MinLength or RowRule.MaxLength => "Correct the text, or change the field's 'minLength' and 'maxLength'.",
        RowRule.Pattern => "Correct the text, or change the field's 'pattern'; 'trim' and 'case' come before it.",
        RowRule.Enum => "Send one of the values, or add this one to the field's 'enum'.",
        RowRule.UnknownField => "Add the field to the contract, leave it out of the input, or choose another 'onUnexpected'.",
        RowRule.ExtraValue or RowRule.MissingValue => "Send as many values as there are columns: a delimiter within a value needs quotes, or 'csv' names another delimiter.",
        RowRule.Quote => "Put quotes around the whole value and double those within, or name the file's quote in 'csv'.",
        RowRule.Encoding => "Send UTF-8, or name the text's encoding in 'charset'.",
        RowRule.Size => "Send shorter rows.",
        RowRule.Json => "Send one JSON object for each row.",
        RowRule.DuplicateMember => "Give each member of the object a name of its own.",
        RowRule.Partition => "Send no value or another text, let 'nullTokens' name this one, or take the field out of 'partitionBy'.",
        RowRule.Expression => "Correct the values that the expression reads, or the expression.",
        _ => "Correct the row, or the contract's check.",
    };
}
