using System.Net;
using System.Net.Sockets;
using DataPlatform.Lake;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class StorageWatchTests
{
    [Fact]
    public async Task A_storage_that_does_not_answer_is_told_at_start_with_what_to_do()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var key = Convert.ToBase64String(new byte[64]);
        var endpoint = $"http://127.0.0.1:{port}/devstoreaccount1";
        using var log = new FirstWarning();
        await using var services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(log))
            .AddLake()
            .Configure<PlatformOptions>(options =>
                options.Storage = $"AccountName=devstoreaccount1;AccountKey={key};BlobEndpoint={endpoint};TableEndpoint={endpoint}")
            .BuildServiceProvider();
        var watch = Assert.Single(services.GetServices<IHostedService>());

        await watch.StartAsync(TestContext.Current.CancellationToken);
        var message = await log.Message.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await watch.StopAsync(TestContext.Current.CancellationToken);

        Assert.Contains($"127.0.0.1:{port}", message, StringComparison.Ordinal);
        Assert.Contains("./dev up", message, StringComparison.Ordinal);
        Assert.Contains("DataPlatform__Storage=folder:", message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, message, StringComparison.Ordinal);
    }

    private sealed class FirstWarning : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource<string> _message = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Message => _message.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                _message.TrySetResult(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
