using System.CommandLine;
using System.Reflection;
using Maestro.Commands;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Screen;
using Maestro.Support;
using Command = System.CommandLine.Command;

namespace Maestro.Client;

/// <summary>The published table of verbs and roles says what the code does.</summary>
public sealed class RolesPageTests
{
    // They start silos of their own and are everybody there.
    private static readonly string[] OnTheirOwn = ["demo", "chaos", "bench"];

    public static TheoryData<string> TopLevel => [.. Root().Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)];

    [Fact]
    public void The_page_has_the_table_of_the_code()
    {
        var page = File.ReadAllLines(Path.Combine(Fixtures.Root, "docs", "roles.md"));
        var table = page.SkipWhile(line => line != RolesPage.Markdown()[0]).TakeWhile(line => line.StartsWith('|'));
        Assert.True(RolesPage.Markdown().SequenceEqual(table), $"docs/roles.md should have:\n{string.Join('\n', RolesPage.Markdown())}");
    }

    [Fact]
    public void Every_command_is_in_the_table_and_nothing_else() => Assert.Equal(
        Commands(Root(), "").Order(StringComparer.Ordinal), VerbNeeds.All.Select(need => need.Command).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_option_in_the_table_is_the_commands() => Assert.All(
        VerbNeeds.All.Where(need => need.Verb.Contains(" --", StringComparison.Ordinal)),
        need =>
        {
            var command = need.Command.Split(' ').Aggregate((Command)Root(), (within, name) => within.Subcommands.Single(inner => inner.Name == name));
            Assert.Contains(need.Verb.Split(' ')[^1], command.Options.Select(option => option.Name));
        });

    [Theory]
    [MemberData(nameof(TopLevel))]
    public void The_table_says_of_a_verb_what_its_code_calls(string verb)
    {
        var written = typeof(Verbs).Assembly.GetType($"Maestro.Commands.{Pascal(verb)}Verb");
        var reached = OnTheirOwn.Contains(verb) || written is null ? [] : ReachedCalls.Of(written).Select(Named);
        var said = VerbNeeds.All.Where(need => need.Command.Split(' ')[0] == verb).SelectMany(need => need.Calls).Select(Named);
        Assert.Equal(reached.Order(StringComparer.Ordinal), said.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_call_that_the_table_does_not_name_would_be_found() => Assert.Contains(
        typeof(IGatewayGrain).GetMethod(nameof(IGatewayGrain.DecideAsync))!, ReachedCalls.Of(typeof(ApproveVerb)));

    [Fact]
    public void Roles_are_those_that_the_methods_admit()
    {
        var glass = VerbNeeds.All.Single(need => need.Verb == "break-glass");
        Assert.Equal(("viewer, sre/security/admin", true), (glass.Short, glass.AsksForStepUp));
        var senders = VerbNeeds.All.Single(need => need.Verb == "senders");
        Assert.Equal("viewer/sre/security/admin", senders.Short);
        Assert.Equal([Role.Viewer], Assert.Single(VerbNeeds.All.Single(need => need.Verb == "audit tail").Roles));
        Assert.All(VerbNeeds.All, need => Assert.All(need.Roles, one => Assert.NotEmpty(one)));
    }

    [Fact]
    public async Task Help_shows_it()
    {
        var run = await ConsoleRun.OfAsync("help", "roles");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.All(VerbNeeds.All, need => Assert.Contains(run.Out.Split('\n'), line => line.StartsWith($"{need.Verb} ", StringComparison.Ordinal)));
    }

    [Fact]
    public void It_fits_into_eighty_columns()
    {
        using var output = new StringWriter();
        new Terminal(TextReader.Null, output, TextWriter.Null, Colour: false, 80, Interactive: false).Write(RolesPage.Lines());
        Assert.All(output.ToString().Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.DoesNotContain("…", output.ToString(), StringComparison.Ordinal);
    }

    private static RootCommand Root() => Verbs.Root(new ConsoleSetting(
        new Terminal(TextReader.Null, TextWriter.Null, TextWriter.Null, false, 80, false), TimeProvider.System, new SpokenSilo(), new PersonSigner(),
        EntryPoints.OfProcess));

    private static IEnumerable<string> Commands(Command within, string path) => within.Subcommands.Where(command => !command.Hidden).SelectMany(command =>
        Commands(command, $"{path}{command.Name} ").Concat(command.Action is null && command.Subcommands.Count > 0 ? [] : [$"{path}{command.Name}"]));

    private static string Pascal(string verb) => string.Concat(verb.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string Named(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";
}
