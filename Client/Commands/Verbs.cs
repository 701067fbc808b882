using System.CommandLine;
using System.CommandLine.Help;

namespace Maestro.Commands;

/// <summary>All the verbs, in the order in which people meet them.</summary>
internal static class Verbs
{
    public const string Start = "Start";
    public const string Look = "Look";
    public const string Decide = "Decide";
    public const string Other = "Other";

    /// <summary>The verbs by the heading under which <c>maestro help</c> lists them.</summary>
    public static IReadOnlyList<(string Heading, IReadOnlyList<Command> Commands)> Of(SharedOptions shared) =>
    [
        (Start,
        [
            DemoVerb.Create(shared), DoctorVerb.Create(shared), InitVerb.Create(shared), LoginVerb.Create(shared),
            LogoutVerb.Create(shared), SessionVerb.Create(shared), UpVerb.Create(shared), SiloVerb.Create(shared), DownVerb.Create(shared),
            AppVerb.Create(shared), OpenVerb.Create(shared),
        ]),
        (Look,
        [
            ListVerb.Create(shared), GetVerb.Create(shared), WhyVerb.Create(shared), StatusVerb.Create(shared), EnvVerb.Create(shared),
            AuditVerb.Create(shared), VerifyVerb.Create(shared), ExportVerb.Create(shared), SendersVerb.Create(shared), DashboardVerb.Create(shared),
        ]),
        (Decide,
        [
            ApproveVerb.Create(shared), RejectVerb.Create(shared), AbortVerb.Create(shared), RetryVerb.Create(shared), RollbackVerb.Create(shared),
            BreakGlassVerb.Create(shared),
        ]),
        (Other,
        [
            KeysVerb.Create(shared), DbVerb.Create(shared), ChaosVerb.Create(shared), BenchVerb.Create(shared), PassedVerb.Edge(), PassedVerb.Work(),
            CompletionVerb.Create(shared), VersionVerb.Create(shared),
        ]),
    ];

    public static RootCommand Root(ConsoleSetting setting)
    {
        var shared = new SharedOptions(setting);
        var groups = Of(shared);
        var root = new RootCommand("Takes a pull request through review, infrastructure, staging and human approval to production.");
        root.Options.Add(shared.Data);
        root.Options.Add(shared.NoColor);
        foreach (var verb in groups.SelectMany(group => group.Commands))
        {
            root.Subcommands.Add(verb);
        }
        root.Subcommands.Add(HelpVerb.Create(root, shared));
        var help = new HelpOption("--help", "-h") { Description = "Explain this command." };
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Options.Add(help);
        help.Action = new FrontPage(root, groups, setting, (HelpAction)help.Action!);
        root.SetAction(parsed => ((FrontPage)help.Action).Invoke(parsed));
        return root;
    }

    /// <summary>The options that a command takes, its own and those it inherits.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(OptionsOf).Where(option => option.Recursive));
}
