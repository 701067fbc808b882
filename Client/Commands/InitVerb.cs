using System.CommandLine;
using Maestro.Connection;
using Maestro.Manifests;

namespace Maestro.Commands;

/// <summary><c>maestro init</c>: writes a first <c>maestro.yaml</c>.</summary>
internal static class InitVerb
{
    private const string FileName = "maestro.yaml";

    public static Command Create(SharedOptions shared)
    {
        var folder = new Argument<string>("DIR") { Description = "The repository. Default: the current folder.", DefaultValueFactory = _ => "." };
        var command = new Command("init", "Write a first maestro.yaml for a repository.") { folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(folder));
            if (!Directory.Exists(path))
            {
                throw new SentenceException($"There is no folder {path}.", ExitCode.NotFound);
            }
            var file = Path.Combine(path, FileName);
            if (!await WriteNewAsync(file, ManifestTemplate.For(path, Path.GetFileName(Path.TrimEndingDirectorySeparator(path))), cancellation))
            {
                throw new SentenceException($"{file} is there already and is left as it is.", ExitCode.Refused);
            }
            shared.Terminal(parsed).Say($"Wrote {file}. Look at it, commit it to the base branch, then: maestro app add NAME --repo {path}");
            shared.Terminal(parsed).Say("Builds and tests have no network: vendor the packages, or install them on this machine.");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<bool> WriteNewAsync(string file, string text, CancellationToken cancellation)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            await using var writer = new StreamWriter(stream);
            await writer.WriteAsync(text.AsMemory(), cancellation);
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            throw new SentenceException($"{file} cannot be written by you.", ExitCode.Refused);
        }
    }
}
