namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Collects what keeps the app from starting, so that all of it is reported together.</summary>
internal sealed class StartErrors
{
    private readonly List<string> _messages = [];
    private readonly List<string> _warnings = [];

    public bool Any => _messages.Count > 0;

    /// <summary>What the user should know although the app starts; whole sentences.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public void Add(string function, string problem, string fix) => _messages.Add($"Function {function}: {problem}; {fix}.");

    public void AddSetting(string setting, string problem, string fix) => _messages.Add($"Setting {setting}: {problem}; {fix}.");

    public void Warn(string sentence) => _warnings.Add(sentence);

    /// <exception cref="StartException">Something was reported.</exception>
    public void ThrowIfAny()
    {
        if (Any)
        {
            throw new StartException(_messages);
        }
    }
}
