using DataPlatform.Failures;
using Microsoft.Extensions.Hosting;

namespace DataPlatform.Gateway;

/// <summary>Tells whoever started the local host the key that was generated for it.</summary>
internal sealed class AdminKeyNotice(ApiKeys keys) : IHostedService
{
    /// <summary>Set by Azure on every instance of a site; there nobody reads the console, and logs must hold no secrets.</summary>
    private const string AzureInstance = "WEBSITE_INSTANCE_ID";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (keys.Generated is not { } key)
            return Task.CompletedTask;
        if (Environment.GetEnvironmentVariable(AzureInstance) is { Length: > 0 })
            throw new TerminalException(FailureKind.Invalid, "InvalidSetting", "There is no admin key: set DataPlatform__AdminKey, best as a Key Vault reference.");

        Console.WriteLine($"Admin key: {key} (header {ApiKeys.Header}; set DataPlatform__AdminKey to choose one)");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
