using System.CommandLine;
using Maestro.Connection;
using Maestro.Dashboard;
using Maestro.Identity;

namespace Maestro.Commands;

/// <summary><c>maestro dashboard</c>: prints an address that lets an operator's browser in, once and within a minute.</summary>
internal static class DashboardVerb
{
    public static Command Create(SharedOptions shared)
    {
        var port = new Argument<int>("PORT") { Description = "The --dashboard-port of the silo." };
        var command = new Command("dashboard", "Print an address that lets your browser into a silo's dashboard.") { port };
        command.SetAction(parsed =>
        {
            var folder = shared.Folder(parsed);
            var silo = SiloFile.Read(folder)
                ?? throw new SentenceException($"No silo has run in {folder}. Start one with: maestro up --dashboard-port PORT", ExitCode.NoSilo);
            if (silo.SignIn is { Own: false })
            {
                shared.Setting.Terminal.Say($"http://127.0.0.1:{parsed.GetValue(port)}/");
                return ExitCode.Done;
            }
            using var key = PersonKeys.Load(folder)
                ?? throw new SentenceException("The dashboard is for operators, and nobody has logged in here. Use: maestro login NAME", ExitCode.Refused);
            var token = DashboardTokens.Issue(key, silo.ClusterId, shared.Setting.Time);
            shared.Setting.Terminal.Say($"http://127.0.0.1:{parsed.GetValue(port)}/enter?token={token}");
            return ExitCode.Done;
        });
        return command;
    }
}
