using System.CommandLine;
using Maestro.Connection;

namespace Maestro.Commands;

/// <summary><c>maestro completion</c>: a script that lets the shell ask Maestro for the words that fit.</summary>
internal static class CompletionVerb
{
    private const string Bash = """
        _maestro() {
          local IFS=$'\n' word="${COMP_WORDS[COMP_CWORD]}" fitting
          fitting="$(maestro "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
          COMPREPLY=($(compgen -W "$fitting" -- "$word"))
        }
        complete -o default -F _maestro maestro
        """;

    private const string Zsh = """
        #compdef maestro
        _maestro() {
          local -a words_that_fit
          words_that_fit=("${(@f)$(maestro "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
          compadd -- "${words_that_fit[@]}"
        }
        compdef _maestro maestro
        """;

    public static Command Create(SharedOptions shared)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash or zsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new Command("completion", "Print a script that completes words in bash or zsh.") { shell };
        command.SetAction(parsed =>
        {
            shared.Setting.Terminal.Out.WriteLine(parsed.GetRequiredValue(shell) == "bash" ? Bash : Zsh);
            return ExitCode.Done;
        });
        return command;
    }
}
