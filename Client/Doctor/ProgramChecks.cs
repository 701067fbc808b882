namespace Maestro.Doctor;

/// <summary>The programs that Maestro starts.</summary>
internal sealed class ProgramChecks(ProgramProbe probe)
{
    public async Task<CheckResult> GitAsync(CancellationToken cancellation) =>
        await probe.RunAsync("git", ["--version"], cancellation) switch
        {
            { ExitCode: 0 } git => Fine("git", git.FirstLine, "Repositories can be read and merged."),
            var other => new("git", Health.Missing, Found(other), "Repositories cannot be read.", "Install it: apt install git"),
        };

    public async Task<CheckResult> DotnetAsync(CancellationToken cancellation) =>
        await probe.RunAsync("dotnet", ["--version"], cancellation) switch
        {
            { ExitCode: 0 } dotnet => Fine(".NET SDK", dotnet.FirstLine, "Applications in .NET can be built."),
            var other => Optional(".NET SDK", Found(other), "Maestro runs, but applications in .NET cannot be built here.", "Install the .NET 10 SDK."),
        };

    // Whether it is installed says little: many machines forbid the namespaces it needs, so it is tried.
    public async Task<CheckResult> SandboxAsync(CancellationToken cancellation)
    {
        const string Check = "bubblewrap";
        const string Meaning = "Code of pull requests cannot be shut in, so nothing is built unless you say --unsandboxed.";
        return await probe.RunAsync("bwrap", ["--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "/bin/true"], cancellation) switch
        {
            { ExitCode: 0 } => Fine(Check, "works", "Builds and tests run in a sandbox without network."),
            { } broken => Optional(Check, Found(broken), Meaning, "Allow user namespaces for bwrap on this machine."),
            null => Optional(Check, Found(null), Meaning, "Install it: apt install bubblewrap"),
        };
    }

    public async Task<CheckResult> DockerAsync(CancellationToken cancellation) =>
        await probe.RunAsync("docker", ["version", "--format", "{{.Server.Version}}"], cancellation) switch
        {
            { ExitCode: 0 } docker => Fine("Docker", $"engine {docker.FirstLine}", "Not used yet: applications run as processes."),
            not null => Optional(
                "Docker", "installed, no engine answers", "Applications run as processes, not in containers.", "Not needed."),
            null => Optional("Docker", "not found", "Applications run as processes, not in containers.", "Not needed."),
        };

    public async Task<CheckResult> TerraformAsync(CancellationToken cancellation)
    {
        foreach (var program in (string[])["terraform", "tofu"])
        {
            if (await probe.RunAsync(program, ["version"], cancellation) is { ExitCode: 0 } found)
            {
                return Fine("Terraform", found.FirstLine, "Not used yet: infrastructure is planned by the built-in engine.");
            }
        }
        return Optional("Terraform", "not found", "Infrastructure is planned by the built-in engine.", "Not needed.");
    }

    private static string Found(ProgramProbe.Ending? ending) => ending is null ? "not found" : $"installed, does not work: {ending.FirstLine}";

    private static CheckResult Fine(string check, string found, string meaning) => new(check, Health.Fine, found, meaning, "");

    private static CheckResult Optional(string check, string found, string meaning, string remedy) => new(check, Health.Limited, found, meaning, remedy);
}
