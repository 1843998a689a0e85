namespace DataPlatform.Catalog;

/// <summary>What to do with input fields that the contract does not know (<c>onUnexpected</c>).</summary>
public enum UnexpectedPolicy
{
    /// <summary>Rows with unknown fields go to quarantine.</summary>
    Quarantine,

    /// <summary>Unknown fields become new nullable columns.</summary>
    Evolve,

    /// <summary>The whole batch is refused with 409; nothing is committed.</summary>
    Freeze,

    /// <summary>Rows with unknown fields are left out and counted as discarded.</summary>
    DiscardRow,

    /// <summary>The unknown values are left out, the rows loaded.</summary>
    DiscardValue,
}
