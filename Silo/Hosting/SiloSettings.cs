namespace Maestro.Hosting;

/// <summary>What a silo on one machine is told when it starts.</summary>
/// <param name="Data">Its data folder; nothing outside it is written.</param>
/// <param name="Unsandboxed">An administrator trusts every change: builds and releases run without a sandbox.</param>
/// <param name="Verbose">Logs go to the terminal too.</param>
/// <param name="Database">The PostgreSQL database that keeps log, ledger, grain state and reminders; null for SQLite in the data folder.</param>
public sealed record SiloSettings(string Data, bool Unsandboxed = false, bool Verbose = true, string? Database = null)
{
    /// <summary>Without the database, whose text can hold a password.</summary>
    public override string ToString() => Data;
}
