namespace DataPlatform.Operations;

/// <summary>How a ledger is divided in time, UTC.</summary>
public enum LedgerPeriod
{
    None,
    Hour,
    Day,
}
