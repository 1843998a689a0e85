namespace DataPlatform.Local.EventHubs.Configuration;

/// <summary>An event hub of the configuration.</summary>
/// <param name="PartitionCount">1 to 32.</param>
/// <param name="ConsumerGroups">Without <c>$Default</c>, which is always there.</param>
internal sealed record EventHubConfiguration(string Name, int PartitionCount, IReadOnlyList<string> ConsumerGroups)
{
    /// <summary>The group that every event hub has.</summary>
    public const string DefaultConsumerGroup = "$Default";
}
