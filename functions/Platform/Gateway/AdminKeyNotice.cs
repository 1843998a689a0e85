using DataPlatform.Failures;
using Microsoft.Extensions.Hosting;

namespace DataPlatform.Gateway;

/// <summary>Tells whoever started the local host the key that was generated for it.</summary>
internal sealed class AdminKeyNotice(ApiKeys keys) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (keys.Generated is not { } key)
            return Task.CompletedTask;

        // There the console is a log, which must hold no secrets, and each instance would have a key of its own.
        if (AzureSite.IsHere)
            throw new TerminalException(FailureKind.Invalid, "InvalidSetting", "There is no admin key: set DataPlatform__AdminKey, best as a Key Vault reference.");

        Console.WriteLine($"Admin key: {key} (header {ApiKeys.Header}; set DataPlatform__AdminKey to choose one)");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
