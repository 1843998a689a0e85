namespace DataPlatform.TestKit;

/// <summary>Removes what tests leave behind.</summary>
public static class Leftovers
{
    private const int Tries = 50;

    /// <summary>Removes a folder with all that is in it. Work in the background that ends with its test may still put a file there.</summary>
    public static void Delete(string folder)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException) when (tried < Tries && Directory.Exists(folder))
            {
                Thread.Sleep(20);
            }
        }
    }
}
