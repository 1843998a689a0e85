using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Hosting;

public sealed class StartTests
{
    public sealed class Functions
    {
        [Function("one.two"), Obsolete("the name is wrong")]
        public IResult Wrong([HttpTrigger("get")] HttpRequest request) => Results.Ok();
    }

    public sealed class Fine
    {
        [Function("fine")]
        public IResult Run([HttpTrigger("get")] HttpRequest request) => Results.Text("fine");

        [Function("other")]
        public IResult Other([HttpTrigger("get")] HttpRequest request) => Results.Text("other");
    }

    public sealed class Ticking
    {
        [Function("tick")]
        public void Run([TimerTrigger("0 0 0 1 1 *")] TimerInfo timer) => Assert.NotNull(timer);
    }

    public sealed class Durable
    {
        [Function("main")]
        public Task Run([OrchestrationTrigger] TaskOrchestrationContext context) => context.CreateTimer(TimeSpan.Zero, default);
    }

    public sealed class Refusing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("Route /x has no scope; add one.");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [Fact]
    public async Task One_line_says_where_the_host_listens()
    {
        await using var host = await TestHost.StartAsync(typeof(Fine));
        Assert.Matches("^Listening on http://127\\.0\\.0\\.1:[1-9][0-9]*\\s*$", host.Output.ToString());
    }

    [Fact]
    public async Task A_refused_start_ends_the_process_with_1_and_the_message_alone()
    {
        var (codes, errors) = await FailAsync([typeof(Fine)], builder => builder.Services.AddHostedService<Refusing>());
        Assert.Equal([1], codes);
        Assert.Equal("Route /x has no scope; add one." + Environment.NewLine, errors);
    }

    [Fact]
    public async Task At_debug_level_the_stack_is_shown()
    {
        var (_, errors) = await FailAsync([typeof(Fine)], builder => builder.Services.AddHostedService<Refusing>(), "--Logging:LogLevel:Default", "Debug");
        Assert.Contains("   at " + typeof(Refusing).FullName!.Replace('+', '.') + ".StartAsync", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cause_that_says_more_is_told_too()
    {
        var (_, errors) = await FailAsync([typeof(Fine)], builder => builder.Services.AddHostedService<Refusing>(_ => throw new InvalidOperationException("outer", new IOException("disk full"))));
        Assert.Equal($"outer{Environment.NewLine}  because: disk full{Environment.NewLine}", errors);
    }

    [Fact]
    public async Task Broken_functions_end_the_process_with_the_list()
    {
        var (codes, errors) = await FailAsync([typeof(Functions)], _ => { });
        Assert.Equal([1], codes);
        Assert.Equal(
            $"The app cannot start:{Environment.NewLine}- Function one.two: the name is not allowed; use a letter, then up to 127 letters, digits, '_' or '-'; 'host' is reserved.{Environment.NewLine}",
            errors);
    }

    [Fact]
    public async Task A_service_that_cannot_be_made_ends_the_process_from_Build()
    {
        var (codes, errors) = await FailAsync([typeof(Fine)], builder => builder.Services.AddSingleton<NeedsMissing>());
        Assert.Equal([1], codes);
        Assert.Contains(nameof(Missing), errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_said_plainly()
    {
        await using var first = await TestHost.StartAsync(typeof(Fine));
        var (codes, errors) = await FailAsync([typeof(Fine)], _ => { }, "--port", $"{first.Address.Port}");
        Assert.Equal([1], codes);
        Assert.Contains(
            $"http://127.0.0.1:{first.Address.Port}: address already in use; stop the other program, or choose another port with --port",
            errors,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(Ticking))]
    [InlineData(typeof(Durable))]
    public async Task A_state_folder_that_cannot_be_is_refused_with_its_setting(Type functions)
    {
        using var other = new TempFolder();
        File.WriteAllText(other.File("state"), "a file");
        var (_, errors) = await FailAsync([functions], _ => { }, "--LocalRuntime:State", other.File("state"));
        Assert.Contains($"- Setting LocalRuntime:State: the folder '{other.File("state")}' cannot be created or written (", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_durable_store_is_named_with_the_way_out()
    {
        using var other = new TempFolder();
        File.WriteAllText(other.File("durable.db"), "this is not the start of a database");
        var (_, errors) = await FailAsync([typeof(Durable)], _ => { }, "--LocalRuntime:State", other.Path);
        Assert.Contains($"The durable store {other.File("durable.db")} cannot be used (SQLite: file is not a database", errors, StringComparison.Ordinal);
        Assert.Contains("give LocalRuntime:State another folder or,", errors, StringComparison.Ordinal);
        Assert.Equal("this is not the start of a database", File.ReadAllText(other.File("durable.db")));
    }

    [Fact]
    public async Task An_empty_state_setting_is_no_setting()
    {
        await using var host = await TestHost.StartAsync([typeof(Fine)], null, args: ["--LocalRuntime:State", ""]);
        Assert.Equal(Path.Combine(host.Folder.Path, ".local", "runtime"), host.Get<RuntimeSettings>().StateFolder);
    }

    [Theory]
    [InlineData("--urls", "http://0.0.0.0:0", "Setting urls: http://0.0.0.0:0 can be reached from other machines")]
    [InlineData("--urls", "http://*:0", "Setting urls: http://*:0 can be reached from other machines")]
    [InlineData("--urls", "http://example.com:0", "can be reached from other machines")]
    [InlineData("--port", "abc", "Setting port: 'abc' is not a port")]
    [InlineData("--FUNCTIONS_PORT", "70000", "Setting FUNCTIONS_PORT: '70000' is not a port")]
    [InlineData("--LocalRuntime:ShutdownGrace", "soon", "Setting LocalRuntime:ShutdownGrace: 'soon' is not a time")]
    [InlineData("--AzureFunctionsJobHost:functionTimeout", "never", "'never' is not a time")]
    [InlineData("--AzureFunctionsJobHost:logging:logLevel:default", "Verbose", "- Setting logging.logLevel.default in host.json: 'Verbose' is not a log level; write one of Trace, ")]
    [InlineData("--Logging:LogLevel:Default", "Verbose", "- Setting Logging:LogLevel:Default: 'Verbose' is not a log level; write one of Trace, ")]
    [InlineData("--Logging:Console:LogLevel:Default", "Chatty", "- Setting Logging:Console:LogLevel:Default: 'Chatty' is not a log level")]
    [InlineData("--AzureFunctionsJobHost:version", "1.0", "\"version\" is not \"2.0\"")]
    [InlineData("--FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "-1", "'-1' is not a number of bytes")]
    public async Task A_wrong_setting_is_refused(string name, string value, string expected)
    {
        var (_, errors) = await FailAsync([typeof(Fine)], _ => { }, name, value);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listening_elsewhere_in_code_is_refused()
    {
        var (codes, errors) = await FailAsync([typeof(Fine)], builder => builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.ListenAnyIP(0)));
        Assert.Equal([1], codes);
        Assert.Contains("can be reached from other machines", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_machines_only_by_an_explicit_setting()
    {
        using var folder = new TempFolder();
        var builder = Builder(folder, [typeof(Fine)], null, "--urls", "http://0.0.0.0:0", "--LocalRuntime:AllowNonLoopback", "true");
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Settings_come_from_the_file_then_the_command_line()
    {
        var folder = new TempFolder();
        File.WriteAllText(folder.File("local.settings.json"), """
            { // comments are fine
              "IsEncrypted": false,
              "Values": { "Part:Key": "file", "Nested__Key": "nested", "Over": "file", "AzureWebJobs.other.Disabled": "true" } }
            """);
        await using var host = await TestHost.StartAsync([typeof(Fine)], null, folder: folder, args: ["--Over", "line"]);
        var settings = host.Get<Microsoft.Extensions.Configuration.IConfiguration>();
        Assert.Equal(("file", "nested", "line"), (settings["Part:Key"], settings["Nested:Key"], settings["Over"]));
        Assert.Equal(System.Net.HttpStatusCode.OK, (await host.Http.GetTextAsync("/fine")).Status);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await host.Http.GetTextAsync("/other")).Status);
        Assert.Equal(Path.Combine(folder.Path, ".local", "runtime"), host.Get<RuntimeSettings>().StateFolder);
    }

    [Fact]
    public async Task Log_levels_come_from_host_json_and_settings_stand_above()
    {
        await using var host = await TestHost.StartAsync(
            [typeof(Fine)],
            null,
            """{"version":"2.0","logging":{"logLevel":{"default":"Error","Quiet":"None","Loud":"Warning"}}}""",
            args: ["--Logging:LogLevel:Loud", "Trace"]);
        var loggers = host.Get<ILoggerFactory>();
        Assert.False(loggers.CreateLogger("Any").IsEnabled(LogLevel.Warning));
        Assert.True(loggers.CreateLogger("Any").IsEnabled(LogLevel.Error));
        Assert.False(loggers.CreateLogger("Quiet").IsEnabled(LogLevel.Critical));
        Assert.True(loggers.CreateLogger("Loud").IsEnabled(LogLevel.Trace));
    }

    public sealed class Missing;

    public sealed class NeedsMissing(Missing missing)
    {
        public Missing Value => missing;
    }

    private static async Task<(List<int> Codes, string Errors)> FailAsync(Type[] functions, Action<FunctionsApplicationBuilder> configure, params string[] args)
    {
        using var folder = new TempFolder();
        var codes = new List<int>();
        var errors = new StringWriter();
        var builder = Builder(folder, functions, (codes, errors), args);
        configure(builder);
        await Assert.ThrowsAnyAsync<Exception>(async () => await builder.Build().StartAsync(TestContext.Current.CancellationToken));
        return (codes, errors.ToString());
    }

    private static FunctionsApplicationBuilder Builder(TempFolder folder, Type[] functions, (List<int> Codes, StringWriter Errors)? failure, params string[] args)
    {
        File.WriteAllText(folder.File("host.json"), """{"version":"2.0"}""");
        string[] port = args is ["--urls" or "--port" or "--FUNCTIONS_PORT", ..] ? [] : ["--port", "0"];
        var builder = new FunctionsApplicationBuilder(new RuntimeOptions([.. port, .. args], functions)
        {
            Root = folder.Path,
            HostJsonFolders = [folder.Path],
            LocalSettingsFolders = [folder.Path],
            Errors = failure?.Errors ?? TextWriter.Null,
            Exit = failure is { } f ? f.Codes.Add : null,
        });
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.ClearProviders();
        return builder;
    }
}
