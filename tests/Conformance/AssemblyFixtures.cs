[assembly: AssemblyFixture(typeof(DataPlatform.Conformance.Tests.ConformanceHost))]
