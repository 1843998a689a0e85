using System.Diagnostics;
using System.Text.Json.Nodes;

namespace DataPlatform.EndToEnd.Tests.Guides;

/// <summary>Does what a guide says, with the reader's tools (bash, curl, jq), and compares what it shows with what is answered.</summary>
internal static class GuideRunner
{
    private const char Mark = '\u001e';
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    // A status that is no success ends the script, as it would stop the reader.
    private const string Preamble = "set -euo pipefail\ncurl() { command curl --silent --show-error --fail-with-body \"$@\"; }\n";

    /// <param name="url">Of the platform, for <c>$URL</c>.</param>
    /// <param name="key">For <c>$KEY</c>.</param>
    /// <param name="folder">Where the guide's files are.</param>
    public static async Task RunAsync(Guide guide, Uri url, string key, string folder)
    {
        var script = new System.Text.StringBuilder(Preamble);
        var blocks = guide.Blocks;
        for (var i = 0; i < blocks.Count; i++)
        {
            if (Guide.FileOf(blocks[i]) is { } file)
                await File.WriteAllTextAsync(Path.Combine(folder, file), blocks[i].Text);
            else if (blocks[i].Language == "sh")
                script.Append(System.Globalization.CultureInfo.InvariantCulture, $"{blocks[i].Text}printf '\\n{Mark}{i}{Mark}'\n");
        }

        var (output, errors) = await ExecuteAsync(script.ToString(), url, key, folder);
        var answers = Split(output);
        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i].Language != "sh" || Guide.FileOf(blocks[i]) is not null)
                continue;
            Assert.True(answers.ContainsKey(i), $"This did not run:\n{blocks[i].Text}\n{output[(output.LastIndexOf(Mark) + 1)..]}\n{errors}");
            if (i + 1 < blocks.Count && blocks[i + 1].Language == "json" && Guide.FileOf(blocks[i + 1]) is null)
                Compare(JsonNode.Parse(blocks[i + 1].Text), JsonNode.Parse(answers[i]), "$", $"{blocks[i].Text}\nanswered\n{answers[i]}");
        }
    }

    /// <summary>What is shown must be there; what is not shown may be. <c>…</c> at the end of a text or a list stands for the rest.</summary>
    private static void Compare(JsonNode? shown, JsonNode? answered, string place, string context)
    {
        switch (shown)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    Assert.True(answered is JsonObject own && (value is null || own.ContainsKey(name)), $"{place}.{name} is not there. {context}");
                    Compare(value, answered![name], $"{place}.{name}", context);
                }

                break;
            case JsonArray items:
                var open = items is [.., JsonValue last] && last.ToString() == "…";
                var count = open ? items.Count - 1 : items.Count;
                Assert.True(answered is JsonArray list && (list.Count == count || (open && list.Count > count)), $"{place} has other items. {context}");
                for (var i = 0; i < count; i++)
                    Compare(items[i], answered![i], $"{place}[{i}]", context);
                break;
            case JsonValue value when value.ToString() is { } text && text.EndsWith('…'):
                Assert.True(answered?.ToString().StartsWith(text[..^1], StringComparison.Ordinal) == true, $"{place} is {answered}, not {text}. {context}");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(shown, answered), $"{place} is {answered?.ToJsonString()}, not {shown?.ToJsonString()}. {context}");
                break;
        }
    }

    private static Dictionary<int, string> Split(string output)
    {
        var parts = output.Split(Mark);
        return Enumerable.Range(0, parts.Length / 2).ToDictionary(i => int.Parse(parts[(2 * i) + 1], System.Globalization.CultureInfo.InvariantCulture), i => parts[2 * i]);
    }

    private static async Task<(string Output, string Errors)> ExecuteAsync(string script, Uri url, string key, string folder)
    {
        var start = new ProcessStartInfo("bash") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["URL"] = url.ToString().TrimEnd('/');
        start.Environment["KEY"] = key;
        using var bash = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var (output, errors) = (bash.StandardOutput.ReadToEndAsync(limit.Token), bash.StandardError.ReadToEndAsync(limit.Token));
            await bash.StandardInput.WriteAsync(script);
            bash.StandardInput.Close();
            await bash.WaitForExitAsync(limit.Token);
            return (await output, await errors);
        }
        finally
        {
            if (!bash.HasExited)
                bash.Kill(entireProcessTree: true);
        }
    }
}
