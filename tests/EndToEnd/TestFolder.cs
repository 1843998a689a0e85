namespace DataPlatform.EndToEnd.Tests;

/// <summary>A folder of a test's own, removed at its end.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dataplatform-").FullName;

    /// <summary>Storage inside the folder, for <c>DataPlatform:Storage</c>.</summary>
    public string Storage => $"folder:{System.IO.Path.Combine(Path, "data")}";

    /// <summary>The folder of a table of that storage.</summary>
    public string Table(string path) => System.IO.Path.Combine(Path, "data", "objects", path);

    public void Dispose() => DataPlatform.TestKit.Leftovers.Delete(Path);
}
