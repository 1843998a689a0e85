namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>Root of all trigger and binding attributes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class BindingAttribute : Attribute
{
    public BindingAttribute()
    {
    }
}
