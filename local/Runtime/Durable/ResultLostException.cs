namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Undoes the commit of a turn that has played a result whose lease was lost.</summary>
internal sealed class ResultLostException(ActivityResult result) : Exception
{
    public ActivityResult Result => result;
}
