namespace DataPlatform.Local.Runtime.Functions;

/// <summary>The app cannot start as it is. The message lists every reason with its fix.</summary>
internal sealed class StartException : Exception
{
    public StartException(IReadOnlyList<string> reasons)
        : base("The app cannot start:" + string.Concat(reasons.Select(r => Environment.NewLine + "- " + r)))
    {
        Reasons = reasons;
    }

    public IReadOnlyList<string> Reasons { get; }
}
