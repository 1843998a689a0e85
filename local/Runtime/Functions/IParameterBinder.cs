using System.Reflection;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Knows how parameters of one sort get their values.</summary>
internal interface IParameterBinder
{
    /// <summary>Asked once per parameter, at start.</summary>
    /// <returns>Where the value comes from in each invocation; null when the parameter is not of this binder's sort.</returns>
    ParameterSource? Bind(FunctionDescriptor function, ParameterInfo parameter);
}
