using System.Diagnostics;
using System.Text;
using Amqp;
using Amqp.Framing;

namespace DataPlatform.Local.EventHubs.Tests;

/// <summary><c>kill -9</c> in the middle of writing: what was acknowledged is there, once, in the order in which it was sent.</summary>
public sealed class CrashTests
{
    private const int Senders = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acknowledged_events_survive_the_death_of_the_endpoint()
    {
        var rounds = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1" ? 20 : 2;
        var random = new Random(Environment.TickCount);
        using var folder = new TemporaryFolder();
        var configuration = Path.Combine(folder.Path, "Config.json");
        await File.WriteAllTextAsync(configuration, TestEndpoint.Configuration, Token);
        var acknowledged = Enumerable.Range(0, Senders).Select(_ => new List<int>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            using var process = Start(configuration, Path.Combine(folder.Path, "data"), out var port);
            try
            {
                var sending = Task.WhenAll(acknowledged.Select((own, sender) => Task.Run(() => SendAsync(port, sender, own), Token)));
                await Task.Delay(random.Next(400, 1500), Token);
                process.Kill();
                await sending;
            }
            finally
            {
                process.Kill();
                await process.WaitForExitAsync(Token);
            }
        }

        using var last = Start(configuration, Path.Combine(folder.Path, "data"), out var lastPort);
        try
        {
            await using var client = await AmqpClient.ConnectAsync(lastPort);
            var receiver = client.Receive("single/ConsumerGroups/$Default/Partitions/0");
            var seen = Enumerable.Range(0, Senders).Select(_ => new List<int>()).ToArray();
            while (await receiver.ReceiveAsync(TimeSpan.FromSeconds(1)) is { } message)
            {
                var parts = Encoding.UTF8.GetString((byte[])message.Body).Split(' ');
                seen[int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture)].Add(int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
                receiver.Accept(message);
            }

            for (var sender = 0; sender < Senders; sender++)
            {
                Assert.NotEmpty(acknowledged[sender]);
                Assert.Empty(acknowledged[sender].Except(seen[sender]));
                Assert.Equal(seen[sender].Distinct().Order(), seen[sender]);
            }
        }
        finally
        {
            last.Kill();
            await last.WaitForExitAsync(Token);
        }
    }

    private static async Task SendAsync(int port, int sender, List<int> acknowledged)
    {
        // An event whose acknowledgement did not come is not sent again: it may be there, or not.
        var next = acknowledged.Count == 0 ? 0 : acknowledged[^1] + 10;
        try
        {
            await using var client = await AmqpClient.ConnectAsync(port);
            var link = new SenderLink(client.Session, $"sender-{sender}", "single");
            while (true)
            {
                await link.SendAsync(new Message { BodySection = new Data { Binary = Encoding.UTF8.GetBytes($"{sender} {next}") } }, TimeSpan.FromSeconds(5));
                acknowledged.Add(next++);
            }
        }
        catch (Exception exception) when (exception is AmqpException or TimeoutException or IOException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The endpoint has died.
        }
    }

    private static Process Start(string configuration, string folder, out int port)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "DataPlatform.Local.EventHubs.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, configuration, folder, "0", "0"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith("Event Hubs: ", StringComparison.Ordinal))
                continue;
            port = new Uri(line.Split(';')[0]["Event Hubs: Endpoint=".Length..]).Port;
            return process;
        }

        throw new InvalidOperationException("The endpoint did not start.");
    }
}
