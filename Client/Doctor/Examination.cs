using System.Collections.Immutable;

namespace Maestro.Doctor;

/// <summary>Looks at everything a machine needs. It changes nothing.</summary>
internal sealed class Examination(string folder, TimeProvider time)
{
    public async Task<ImmutableArray<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        var programs = new ProgramChecks(new ProgramProbe(time));
        Task<CheckResult>[] slow =
        [
            programs.GitAsync(cancellation), programs.DotnetAsync(cancellation), programs.SandboxAsync(cancellation),
            programs.DockerAsync(cancellation), programs.TerraformAsync(cancellation),
        ];
        return
        [
            .. await Task.WhenAll(slow),
            MachineChecks.UserNamespaces(), MachineChecks.Ports(), MachineChecks.Disk(folder), MachineChecks.Clock(time), MachineChecks.DataFolder(folder),
        ];
    }
}
