using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.Runtime.Tests.Hosting;

public sealed class LocalConsoleFormatterTests
{
    [Fact]
    public void A_line_break_in_a_value_stays_in_its_line()
    {
        var text = Write("Some.Category", 1, "GET /a\r\nfatal forged", null);
        Assert.Equal("2026-03-01T12:00:00.000Z error Some.Category: GET /a fatal forged" + Environment.NewLine, text);
    }

    [Fact]
    public void An_exception_follows_on_lines_of_its_own() =>
        Assert.Equal(
            $"2026-03-01T12:00:00.000Z error C: m{Environment.NewLine}System.IO.IOException: broken{Environment.NewLine}",
            Write("C", 1, "m", new IOException("broken")));

    [Fact]
    public void The_hosts_own_entry_about_a_refused_start_is_left_out()
    {
        Assert.Empty(Write("Microsoft.Extensions.Hosting.Internal.Host", 11, "Hosting failed to start", new IOException("broken")));
        Assert.NotEmpty(Write("Microsoft.Extensions.Hosting.Internal.Host", 9, "BackgroundService failed", new IOException("broken")));
    }

    private static string Write(string category, int id, string message, Exception? exception)
    {
        var writer = new StringWriter();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        new LocalConsoleFormatter(clock).Write(new LogEntry<string>(LogLevel.Error, category, id, message, exception, (m, _) => m), null, writer);
        return writer.ToString();
    }
}
