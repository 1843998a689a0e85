[assembly: AssemblyFixture(typeof(DataPlatform.TestKit.AzuriteFixture))]
