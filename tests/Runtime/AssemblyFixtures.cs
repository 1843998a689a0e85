using DataPlatform.TestKit;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]
