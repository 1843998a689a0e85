using DataPlatform.Local.Runtime.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

public class FunctionsApplication
{
    /// <summary>Starts to build the app that the entry assembly holds.</summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(RuntimeOptions.ForProcess(args));
}
