using System.Collections.Immutable;

namespace Maestro.Doctor;

/// <summary>Looks at everything a machine needs. It changes nothing.</summary>
/// <param name="database">The silo's way to PostgreSQL; null where there is none to look at.</param>
/// <param name="roles">What that silo acts as; null for everything.</param>
internal sealed class Examination(string folder, TimeProvider time, string? database = null, string? roles = null)
{
    public async Task<ImmutableArray<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        var programs = new ProgramChecks(new ProgramProbe(time));
        Task<CheckResult>[] slow =
        [
            programs.GitAsync(cancellation), programs.DotnetAsync(cancellation), programs.SandboxAsync(cancellation),
            programs.DockerAsync(cancellation), programs.TerraformAsync(cancellation),
            .. database is null ? [] : new[] { DatabaseCheck.RunAsync(database, roles, cancellation) },
        ];
        return
        [
            .. await Task.WhenAll(slow),
            MachineChecks.UserNamespaces(), MachineChecks.Ports(), MachineChecks.Disk(folder), MachineChecks.Clock(time), MachineChecks.DataFolder(folder),
        ];
    }
}
