namespace Maestro.Commands;

/// <summary>A first manifest for a repository.</summary>
internal static class ManifestText
{
    public static string For(string folder) => $$"""
        application: {{Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}}
        build:
          command: [sh, build.sh]
          output: out
        test:
          command: [sh, test.sh]
        run:
          command: [./start]
          health:
            - path: /health
              status: 200

        """;
}
