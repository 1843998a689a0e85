namespace DataPlatform.Lake;

/// <summary>Who may do what with an object or a folder, in an account with a hierarchical namespace.</summary>
/// <param name="Owner">Object id, or <c>$superuser</c>.</param>
/// <param name="Acl">As <see cref="AccessList"/> has it.</param>
public sealed record PathAccess(string? Owner, string? Group, string Acl);
