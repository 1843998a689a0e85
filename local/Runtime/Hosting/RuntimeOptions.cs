using System.Reflection;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>How a host is made: the process' own one, or one of many in a test.</summary>
internal sealed record RuntimeOptions(string[] Args, IReadOnlyList<Type> FunctionTypes)
{
    /// <summary>The folder that relative paths belong to.</summary>
    public required string Root { get; init; }

    /// <summary>Folders that may hold <c>host.json</c>, the first one wins.</summary>
    public required IReadOnlyList<string> HostJsonFolders { get; init; }

    /// <summary>Folders that may hold <c>local.settings.json</c>, the first one wins.</summary>
    public IReadOnlyList<string> LocalSettingsFolders { get; init; } = [];

    public TextWriter Output { get; init; } = TextWriter.Null;

    public TextWriter Errors { get; init; } = TextWriter.Null;

    /// <summary>Whether environment variables are settings.</summary>
    public bool ReadEnvironment { get; init; }

    /// <summary>Whether an exception that the program does not catch before the host is up is reported as a refused start.</summary>
    public bool OwnsProcess { get; init; }

    /// <summary>Ends the process when the app cannot start; null lets the exception go to the caller.</summary>
    public Action<int>? Exit { get; init; }

    /// <summary>The functions of the entry assembly, with the console and the environment.</summary>
    public static RuntimeOptions ForProcess(string[] args)
    {
        var app = Assembly.GetEntryAssembly()
            ?? throw new InvalidOperationException("There is no entry assembly to find functions in; start the app as a program.");
        return new RuntimeOptions(args, app.GetTypes())
        {
            Root = Directory.GetCurrentDirectory(),
            HostJsonFolders = [AppContext.BaseDirectory, Directory.GetCurrentDirectory()],
            LocalSettingsFolders = [Directory.GetCurrentDirectory(), AppContext.BaseDirectory],
            Output = Console.Out,
            Errors = Console.Error,
            ReadEnvironment = true,
            OwnsProcess = true,
            Exit = Environment.Exit,
        };
    }
}
