using DataPlatform.Local.Runtime.Functions;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Everything that can be known to be wrong before the host starts, reported together.</summary>
internal sealed class StartChecks(
    FunctionCatalog catalog,
    FunctionInvoker invoker,
    IEnumerable<IFunctionValidator> validators,
    StartErrors errors)
{
    /// <exception cref="StartException">The app cannot start.</exception>
    public void Run()
    {
        foreach (var validator in validators)
        {
            validator.Validate(catalog, errors);
        }

        invoker.Prepare(errors);
        errors.ThrowIfAny();
    }
}
