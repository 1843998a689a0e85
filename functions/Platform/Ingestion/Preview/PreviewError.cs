using DataPlatform.Ingestion.Quarantine;

namespace DataPlatform.Ingestion.Preview;

/// <summary>What puts a row in quarantine, or would.</summary>
/// <param name="Row">Its number in the body, from 1.</param>
/// <param name="Line">From 1; null where the format has no lines.</param>
/// <param name="Offset">Bytes of text before the row; null where the format has none.</param>
/// <param name="Column">The input's name; null when the row as a whole is broken.</param>
/// <param name="Rule">The rule it breaks, in snake_case.</param>
/// <param name="Value">As it came, cut off at 256 characters; null where there is none or it may not be shown.</param>
/// <param name="Fix">What can be done about it.</param>
public sealed record PreviewError(long Row, long? Line, long? Offset, string? Column, string Rule, string Message, string? Value, string Fix)
{
    internal static PreviewError Of(BrokenRow row, BrokenValue error) =>
        new(row.Row, row.Line, row.Offset, error.Column, error.Rule, error.Message, error.Value, RuleFix.Of(error.Rule));

    internal static PreviewError Of(QuarantinedRow row, BrokenValue error) =>
        new(row.Number, row.Line, row.Offset, error.Column, error.Rule, error.Message, error.Value, RuleFix.Of(error.Rule));
}
