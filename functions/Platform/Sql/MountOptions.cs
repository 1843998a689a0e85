using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>What a session shows of a table.</summary>
public sealed record MountOptions
{
    /// <summary>Only these files; null shows all of the snapshot's.</summary>
    public IReadOnlyList<DataFile>? Files { get; init; }

    /// <summary>Puts the name into the schema <c>new</c>.</summary>
    public bool IsNew { get; init; }

    /// <summary>Shows <c>_batch</c>, <c>_row</c> and the like as well.</summary>
    public bool SystemColumns { get; init; }

    /// <summary>Shows the rows by which keys were deleted as well, as those who rewrite files need it.</summary>
    public bool DeletedRows { get; init; }

    /// <summary>Keeps timestamps as TIMESTAMP WITH TIME ZONE; by default they are UTC TIMESTAMP.</summary>
    public bool Instants { get; init; }
}
