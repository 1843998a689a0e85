namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Tells a failure that has been logged in full from one that only happens again: the stack is of use once.</summary>
internal sealed class RepeatedFailures
{
    private (Type Type, string Message)? _last;

    /// <summary>How many failures there were since the last success.</summary>
    public int Count { get; private set; }

    /// <returns>Whether this failure differs from the one before.</returns>
    public bool IsNew(Exception exception)
    {
        var failure = (exception.GetType(), exception.Message);
        var isNew = _last != failure;
        _last = failure;
        Count++;
        return isNew;
    }

    public void Reset()
    {
        _last = null;
        Count = 0;
    }
}
