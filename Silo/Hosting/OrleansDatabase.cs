using System.Data.Common;

namespace Maestro.Hosting;

/// <summary>The database as the Orleans providers reach it.</summary>
/// <param name="Invariant">The name under which they know its driver.</param>
internal sealed record OrleansDatabase(string Invariant, DbDataSource Source);
