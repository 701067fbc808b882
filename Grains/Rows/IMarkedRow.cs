namespace Maestro.Rows;

/// <summary>A stored state of which no older one may ever count again.</summary>
public interface IMarkedRow
{
    /// <summary>
    /// What must not go back, as text that is the same for the same. Where it changes, the row takes its next number and the ledger is told. What is left
    /// out of it may be lost or come back without harm, because only rows of the same number are taken for one another. Empty while nothing matters yet.
    /// </summary>
    string Mark { get; }
}
