using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace DataPlatform.Bench;

/// <summary>
/// A PostgreSQL server of its own on a free port of loopback, with Debian's defaults: every commit is synced (<c>fsync=on</c>,
/// <c>synchronous_commit=on</c>). It runs as a normal user, since it refuses to run as root.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string ServiceUser = "postgres";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private PostgresServer(ChildProcess process, NpgsqlDataSource source)
    {
        _process = process;
        Source = source;
    }

    /// <summary>Pools its connections.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>E.g. <c>PostgreSQL 15.18</c>.</summary>
    public string Version { get; private set; } = "";

    /// <param name="folder">Takes the database's files; on the disk that is to be measured.</param>
    public static async Task<PostgresServer> StartAsync(string folder)
    {
        var programs = await InstallAsync();
        Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", ServiceUser, folder);

        var data = Path.Combine(folder, "data");
        await RunAsync([.. Command(Path.Combine(programs, "initdb")), "-D", data, "-U", ServiceUser, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8"]);
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        string[] start =
        [
            .. Command(Path.Combine(programs, "postgres")), "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=on", "-c", "synchronous_commit=on",
        ];
        var process = ChildProcess.Start(start[0], folder, null, start[1..]);
        var server = new PostgresServer(
            process, NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username={ServiceUser};Database=postgres;Maximum Pool Size=100;SSL Mode=Disable"));
        try
        {
            await server.WaitAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        if (!_process.HasExited)
        {
            // "Fast shutdown": it ends its own children.
            await RunAsync("kill", "-INT", _process.Id.ToString(CultureInfo.InvariantCulture));
            await _process.EndAsync();
        }

        await _process.DisposeAsync();
    }

    /// <returns>The folder of the server's programs.</returns>
    private static async Task<string> InstallAsync()
    {
        if (Find() is null && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/apt-get"))
        {
            Console.WriteLine("  Installing Debian's postgresql …");
            await RunAsync("apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql");
        }

        return Find() ?? throw new InvalidOperationException(
            "PostgreSQL's server is not installed. Debian and Ubuntu: apt-get install postgresql. Elsewhere: put 'initdb' and 'postgres' on the PATH.");
    }

    private static string? Find()
    {
        IEnumerable<string> debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(folder => folder, StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin"))
            : [];
        return debian.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")));
    }

    private static string[] Command(string program) => Environment.IsPrivilegedProcess
        ? ["setpriv", $"--reuid={ServiceUser}", $"--regid={ServiceUser}", "--clear-groups", program]
        : [program];

    private static async Task RunAsync(params string[] command)
    {
        await using var process = ChildProcess.Start(command[0], "/", null, command[1..]);
        if (await process.EndAsync() is not 0 and var status)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with status {status}:\n{process.LastLines}");
    }

    private async Task WaitAsync()
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Version = $"PostgreSQL {(await ScalarAsync<string>("SHOW server_version")).Split(' ')[0]}";
                return;
            }
            catch (NpgsqlException) when (!_process.HasExited && Stopwatch.GetElapsedTime(began) < StartLimit)
            {
                await Task.Delay(50);
            }
            catch (NpgsqlException fault)
            {
                throw new InvalidOperationException($"PostgreSQL did not start:\n{_process.LastLines}", fault);
            }
        }
    }
}
