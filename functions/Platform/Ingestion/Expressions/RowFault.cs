namespace DataPlatform.Ingestion.Expressions;

/// <summary>Why an expression has no result for a row: overflow, division by zero, a text that is no number. Holds no value of the row.</summary>
internal sealed class RowFault
{
    public const string OutOfRange = "a result is out of range";
    public const string DivisionByZero = "a division by zero";
    public const string TooLong = "a text grows beyond 1 MiB";

    public string? Message { get; private set; }

    public bool IsSet => Message is not null;

    /// <returns>False, for whoever gives no value.</returns>
    public bool Set(string message)
    {
        Message ??= message;
        return false;
    }

    public void Clear() => Message = null;
}
