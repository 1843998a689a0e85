using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

internal sealed class LocalBindingContext(IReadOnlyDictionary<string, object?> data) : BindingContext
{
    public override IReadOnlyDictionary<string, object?> BindingData => data;
}
