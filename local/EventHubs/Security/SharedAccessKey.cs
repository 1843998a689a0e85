namespace DataPlatform.Local.EventHubs.Security;

/// <summary>The key that clients sign their tokens with. All of them share one, as with the emulator.</summary>
internal sealed record SharedAccessKey(string Name, string Key)
{
    /// <summary>Without the key: records print their members.</summary>
    public override string ToString() => Name;
}
