using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

internal sealed class LocalBindingMetadata(string name, string type) : BindingMetadata
{
    public override string Name => name;

    public override string Type => type;

    public override BindingDirection Direction => BindingDirection.In;
}
