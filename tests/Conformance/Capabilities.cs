namespace DataPlatform.Conformance.Tests;

/// <summary>What the app under test says it can be asked for; it depends on the packages it was built with.</summary>
public sealed record Capabilities(string DurableTaskExtension, bool Versions, bool DisabledFunction)
{
    public const string Trait = "Capability";

    /// <summary>Skips the test on an app built with an extension that cannot do it.</summary>
    public void Need(bool capability, string what) =>
        Assert.SkipUnless(capability, $"Version {DurableTaskExtension} of the durable extension has no {what}.");
}
