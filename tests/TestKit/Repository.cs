namespace DataPlatform.TestKit;

/// <summary>Where things lie in the working copy the tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder of <c>DataPlatform.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The built app, of the same configuration as the running tests.</summary>
    public static string AppAssembly { get; } = Assembly("DataPlatform.App");

    /// <summary>A built project's assembly, of the same configuration as the running tests.</summary>
    public static string Assembly(string name) =>
        Path.Combine(Root, "artifacts", "bin", name, new DirectoryInfo(AppContext.BaseDirectory).Name, $"{name}.dll");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DataPlatform.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"There is no DataPlatform.sln above {AppContext.BaseDirectory}.");
    }
}
