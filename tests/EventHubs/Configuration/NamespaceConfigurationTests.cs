using DataPlatform.Local.EventHubs.Configuration;

namespace DataPlatform.Local.EventHubs.Tests.Configuration;

public sealed class NamespaceConfigurationTests
{
    [Fact]
    public void The_emulators_own_sample_is_read()
    {
        var read = NamespaceConfiguration.Parse("""
            {"UserConfig": {"NamespaceConfig": [{"Type": "EventHub", "Name": "emulatorNs1", "Entities": [
                {"Name": "eh1", "PartitionCount": "2", "ConsumerGroups": [{"Name": "cg1"}]}, {"Name": "eh2", "PartitionCount": 4}]}],
              "LoggingConfig": {"Type": "File"}}}
            """);
        Assert.Equal("emulatorNs1", read.Name);
        Assert.Equal([("eh1", 2, "cg1"), ("eh2", 4, "")], read.EventHubs.Select(hub => (hub.Name, hub.PartitionCount, string.Join(',', hub.ConsumerGroups))));
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "UserConfig.NamespaceConfig")]
    [InlineData("{}", "UserConfig.NamespaceConfig")]
    [InlineData("""{"UserConfig":{"NamespaceConfig":[]}}""", "one namespace")]
    [InlineData("""{"UserConfig":{"NamespaceConfig":[{"Type":"Queue","Entities":[]}]}}""", "Type is \"Queue\"")]
    [InlineData("""{"UserConfig":{"NamespaceConfig":[{"Name":"n"}]}}""", "Entities must be an array")]
    [InlineData("""{"UserConfig":{"NamespaceConfig":[{"Entities":[{"Name":"a/b","PartitionCount":1}]}]}}""", "Entities[0].Name")]
    [InlineData("""{"UserConfig":{"NamespaceConfig":[{"Entities":[{"Name":"a","PartitionCount":33}]}]}}""", "Entities[0].PartitionCount")]
    [InlineData("""{"UserConfig":{"NamespaceConfig":[{"Entities":[{"Name":"a"}]}]}}""", "Entities[0].PartitionCount")]
    [InlineData("""{"UserConfig":{"NamespaceConfig":[{"Entities":[{"Name":"a","PartitionCount":1},{"Name":"A","PartitionCount":1}]}]}}""", "Entities[1].Name \"A\" is there twice")]
    [InlineData("""{"UserConfig":{"NamespaceConfig":[{"Entities":[{"Name":"a","PartitionCount":1,"ConsumerGroups":[{}]}]}]}}""", "ConsumerGroups[0].Name")]
    public void A_mistake_is_named_with_its_place(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => NamespaceConfiguration.Parse(json)).Message, StringComparison.Ordinal);
}
