namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Tells the user why the app did not start: the messages, not the stack (that is logged at Debug).</summary>
internal static class StartFailure
{
    public static void Report(Exception exception, TextWriter errors)
    {
        foreach (var cause in Causes(exception))
        {
            errors.WriteLine(cause.Message);
        }

        errors.Flush();
    }

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        if (exception is AggregateException aggregate)
        {
            return aggregate.Flatten().InnerExceptions.SelectMany(Causes);
        }

        // A port in use comes as an IOException that says so, with the socket's words inside; the outer one is the better text.
        return [exception];
    }
}
