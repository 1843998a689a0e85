using DataPlatform.Local.Runtime.Durable;
using DataPlatform.Local.Runtime.Functions;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Refuses a state folder that timers and orchestrations could not be kept in.</summary>
internal sealed class StateFolderCheck(RuntimeSettings settings) : IFunctionValidator
{
    public void Validate(FunctionCatalog catalog, StartErrors errors)
    {
        if (!catalog.Functions.Any(f => f.Trigger == TriggerKind.Timer || DurableFunctions.NeedsEngine(f)))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(settings.StateFolder);
            var probe = Path.Combine(settings.StateFolder, $".{Guid.NewGuid():N}");
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.AddSetting(
                "LocalRuntime:State",
                $"the folder '{settings.StateFolder}' cannot be created or written ({exception.Message.TrimEnd('.')})",
                "name a folder on a local disk that this process may write");
        }
    }
}
