namespace DataPlatform.Ingestion;

public sealed class IngestionLimitsTests
{
    [Fact]
    public void Settings_and_limits_have_the_same_defaults() => Assert.Equal(IngestionLimits.Default, IngestionLimits.Of(new PlatformOptions()));

    [Fact]
    public void Each_limit_that_is_a_setting_follows_it()
    {
        var shared = typeof(PlatformOptions).GetProperties().Where(property => typeof(IngestionLimits).GetProperty(property.Name) is not null).ToList();
        Assert.Equal(7, shared.Count);
        foreach (var property in shared)
        {
            var options = new PlatformOptions();
            property.SetValue(options, Convert.ChangeType(77, property.PropertyType, System.Globalization.CultureInfo.InvariantCulture));
            var limits = IngestionLimits.Of(options);
            Assert.Equal(77, Convert.ToInt64(typeof(IngestionLimits).GetProperty(property.Name)!.GetValue(limits), System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
