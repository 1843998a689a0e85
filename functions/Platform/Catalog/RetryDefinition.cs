namespace DataPlatform.Catalog;

/// <summary>How a step's activities are tried again after failures that may pass.</summary>
/// <param name="Attempts">In all, the first one included.</param>
/// <param name="FirstDelay">Before the second attempt.</param>
/// <param name="Backoff">What each further delay is multiplied with.</param>
/// <param name="MaxDelay">The longest delay.</param>
public sealed record RetryDefinition(int Attempts, TimeSpan FirstDelay, double Backoff, TimeSpan MaxDelay)
{
    /// <summary>What holds for members that a document leaves out, and for steps without a policy.</summary>
    public static readonly RetryDefinition Default = new(8, TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(30));
}
