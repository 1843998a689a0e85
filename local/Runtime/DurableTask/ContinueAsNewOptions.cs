namespace Microsoft.DurableTask;

public class ContinueAsNewOptions
{
    public object? NewInput { get; set; }

    /// <summary>Whether events raised but not yet waited for go over to the next execution.</summary>
    public bool PreserveUnprocessedEvents { get; set; } = true;

    /// <summary>Version of the next execution; null keeps the present one.</summary>
    public string? NewVersion { get; set; }
}
