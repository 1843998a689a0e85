using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;

namespace DataPlatform.Processing;

/// <summary>A parameter of a step's SQL.</summary>
/// <param name="Value">As <see cref="ParameterValue"/> writes it; null while it has none.</param>
public sealed record StepParameter(string Name, ParameterType Type, string? Value)
{
    internal static string SqlType(ParameterType type) => type switch
    {
        ParameterType.String => "VARCHAR",
        ParameterType.Int64 => "BIGINT",
        ParameterType.Float64 => "DOUBLE",
        ParameterType.Decimal => "DECIMAL(38,9)",
        ParameterType.Bool => "BOOLEAN",
        ParameterType.Date => "DATE",
        _ => "TIMESTAMP",
    };

    /// <summary>What the engine binds.</summary>
    /// <exception cref="TerminalException"><c>MissingParameter</c>.</exception>
    internal SqlParameter Bind() => (Value is null ? null : ParameterValue.Parse(Type, Value)) is { } value ? new SqlParameter(Name, value) : throw Missing();

    /// <summary>Its value as an expression that is nothing but the value: a quoted text, of the parameter's type.</summary>
    /// <exception cref="TerminalException"><c>MissingParameter</c>.</exception>
    internal string ToSql() =>
        (Value is null ? null : ParameterValue.Normalize(Type, Value)) is { } text ? $"CAST({SqlText.Literal(text)} AS {SqlType(Type)})" : throw Missing();

    private TerminalException Missing() => new(
        FailureKind.Unprocessable, "MissingParameter", $"The run has no value for the parameter '{Name}': give it one, or a 'default' in the pipeline.", Name);
}
