using System.Text.Json;

namespace Maestro.Manifests;

/// <summary>
/// Writes a first <c>maestro.yaml</c> for a repository by looking at which files it has. It is a start to be read, not a guess to be
/// trusted.
/// </summary>
internal static class ManifestTemplate
{
    /// <summary>The text of a manifest for the repository in this folder.</summary>
    /// <param name="application">The name it is, or will be, registered under.</param>
    public static string For(string folder, string application)
    {
        var kind = ManifestKind.Of(folder);
        return $"""
            # How Maestro builds, tests, runs and checks this repository: {kind.Name}.
            # It is read from the base branch, so a pull request cannot change how it is judged itself.
            # Commands are lists of arguments; no shell takes a line apart.
            version: 1
            application: {application}

            # Builds and tests have no network: packages must be in the repository or on the machine.
            {Offline(kind)}
            build:
              command: {List(kind.Build)}
              output: {kind.Output}            # the folder that becomes the image
              within: 10m            # at most 30m

            {Test(kind)}
            run:
              command: {List(kind.Run)}    # started in the image, so paths begin within the output folder
              port: PORT             # the environment variable that carries the port; the port itself is registered by an administrator

            health:                  # at least one check, all must pass
              - path: /healthz
                status: 200
                interval: 1s
                deadline: 30s        # how long a starting release may take

            # infrastructure:        # declared resources, planned and approved before they are applied
            #   directory: infrastructure
            #   engine: local

            merge: after             # after: merged once settled in production; before; never
            watch:
              window: 15m            # how long production is watched after the switch
              failures: 2            # checks in a row that may fail before it is rolled back

            """.ReplaceLineEndings("\n");
    }

    private static string Offline(ManifestKind kind) =>
        kind.Offline.Length > 0 ? $"# One way: {kind.Offline}." : "# Vendor them, and commit that.";

    private static string Test(ManifestKind kind) => kind.Test is { } command
        ? $"test:                    # what must end with 0 before the image is used\n  command: {List(command)}\n  within: 10m\n"
        : "# Without tests every deployment says NOT tested.\n"
            + "# test:                  # what must end with 0 before the image is used\n#   command: [sh, test.sh]\n";

    // A text in double quotes in JSON is one in YAML too.
    private static string List(IEnumerable<string> command) =>
        $"[{string.Join(", ", command.Select(argument => JsonSerializer.Serialize(argument)))}]";
}
