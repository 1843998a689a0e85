using Microsoft.AspNetCore.Http;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>The client throws for data above the engine's limit; over HTTP that is 413.</summary>
internal static class TooLarge
{
    public static async Task GuardAsync(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (InvalidOperationException exception) when (exception.GetType() == typeof(InvalidOperationException))
        {
            throw new ManagementRefusedException(StatusCodes.Status413PayloadTooLarge, exception.Message);
        }
    }
}
