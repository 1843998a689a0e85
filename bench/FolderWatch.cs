namespace DataPlatform.Bench;

/// <summary>Looks every now and then how much the files below a folder take.</summary>
internal sealed class FolderWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly Timer _timer;
    private double _peak;

    public FolderWatch(string folder) => _timer = new Timer(_ => Look(folder), null, TimeSpan.Zero, Interval);

    /// <summary>The most seen, in MB.</summary>
    public double PeakMegabytes => Volatile.Read(ref _peak);

    public void Dispose() => _timer.Dispose();

    private void Look(string folder)
    {
        try
        {
            var bytes = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            Volatile.Write(ref _peak, Math.Max(_peak, bytes / 1e6));
        }
        catch (IOException)
        {
            // Files come and go while they are counted: next time.
        }
    }
}
