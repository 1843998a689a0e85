namespace Microsoft.Azure.Functions.Worker;

/// <summary>Which key the official host asks for. The local runtime asks for none, like <c>func start</c>.</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,
    User = 1,
    Function = 2,
    System = 3,
    Admin = 4,
}
