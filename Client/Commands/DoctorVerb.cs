using System.Collections.Immutable;
using System.CommandLine;
using Maestro.Connection;
using Maestro.Doctor;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro doctor</c>: what this machine has, what that means, and what to install.</summary>
internal static class DoctorVerb
{
    public static Command Create(SharedOptions shared)
    {
        var output = SharedOptions.Output();
        var command = new Command("doctor", "Check what this machine has and what is missing.") { output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var database = Environment.GetEnvironmentVariable(DatabaseOption.Variable) is { Length: > 0 } text ? text : null;
            var roles = Environment.GetEnvironmentVariable(SiloVerb.RolesVariable);
            var findings = await new Examination(shared.Folder(parsed), shared.Setting.Time, database, roles).RunAsync(cancellation);
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of("checks", findings));
            }
            else
            {
                terminal.Write(Page(findings));
            }
            return findings.Any(finding => finding.Health is Health.Missing) ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }

    public static IEnumerable<Line> Page(ImmutableArray<CheckResult> findings)
    {
        var name = findings.Max(finding => finding.Check.Length);
        foreach (var finding in findings)
        {
            var (sign, tone) = finding.Health switch
            {
                Health.Fine => ("✔", Tone.Good),
                Health.Limited => ("•", Tone.Waiting),
                _ => ("✖", Tone.Bad),
            };
            yield return Line.Of(new Span($"{sign} ", tone), new Span(finding.Check.PadRight(name + 2), Tone.Strong), new Span(finding.Found));
            if (finding.Health is not Health.Fine)
            {
                yield return Line.Of(new Span(new string(' ', name + 4)), new Span(finding.Meaning));
                yield return Line.Of(new Span(new string(' ', name + 4)), new Span(finding.Remedy, Tone.Faint));
            }
        }
        yield return Line.Empty;
        yield return findings.Any(finding => finding.Health is Health.Missing)
            ? Line.Of("Something that Maestro needs is missing.", Tone.Bad)
            : Line.Of("Maestro can run here. Try: maestro demo", Tone.Good);
    }
}
