namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Checks functions of one kind of trigger before the host starts.</summary>
internal interface IFunctionValidator
{
    void Validate(FunctionCatalog catalog, StartErrors errors);
}
