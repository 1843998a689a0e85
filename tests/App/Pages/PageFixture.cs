using System.Diagnostics;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests.Pages;

/// <summary>The flights demo on a fresh platform, and what became of each case of <c>pages.mjs</c> in a browser over it. One browser does them all.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-pages-").FullName;

    /// <summary>By case, what was wrong; null when nothing was. Empty without a browser.</summary>
    public IReadOnlyDictionary<string, string?> Outcomes { get; private set; } = new Dictionary<string, string?>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Chromium.Find() is not { } browser)
            return;
        var settings = new Dictionary<string, string> { ["DataPlatform__EmbedKey"] = "a-secret-of-at-least-32-characters" };
        await using var app = await AppHost.StartAsync($"folder:{Path.Combine(_folder, "store")}", _folder, settings, Token);
        var url = app.Client.BaseAddress!.ToString();
        await NodeAsync([Path.Combine(Repository.Root, "samples", "flights", "demo.mjs")], url, app.Key);
        var lines = await NodeAsync([Path.Combine(Repository.Root, "tests", "App", "Pages", "pages.mjs"), url, app.Key, browser], url, app.Key);
        Outcomes = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))
            .ToDictionary(line => line.GetProperty("name").GetString()!, line => line.GetProperty("error").GetString());
    }

    public ValueTask DisposeAsync()
    {
        Leftovers.Delete(_folder);
        return ValueTask.CompletedTask;
    }

    private async Task<string> NodeAsync(IReadOnlyList<string> arguments, string url, string key)
    {
        var start = new ProcessStartInfo("node", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        start.Environment["DATAPLATFORM_URL"] = url;
        start.Environment["DATAPLATFORM_KEY"] = key;
        start.Environment["TMPDIR"] = _folder;
        using var node = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Limit);
        try
        {
            var (output, errors) = (node.StandardOutput.ReadToEndAsync(limit.Token), node.StandardError.ReadToEndAsync(limit.Token));
            await node.WaitForExitAsync(limit.Token);
            return node.ExitCode == 0 ? await output : throw new InvalidOperationException($"{arguments[0]} failed:\n{await errors}\n{await output}");
        }
        finally
        {
            if (!node.HasExited)
                node.Kill(entireProcessTree: true);
        }
    }
}
