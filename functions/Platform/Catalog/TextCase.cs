namespace DataPlatform.Catalog;

/// <summary>The case that texts are brought into (<c>case</c>).</summary>
public enum TextCase
{
    Lower,
    Upper,
}
