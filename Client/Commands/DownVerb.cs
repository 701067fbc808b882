using System.CommandLine;
using Maestro.Connection;
using Maestro.Hosting;

namespace Maestro.Commands;

/// <summary><c>maestro down</c>: ends the silo and everything that it released on this machine.</summary>
internal static class DownVerb
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);

    public static Command Create(SharedOptions shared)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("down", "End the silo, the edge and all releases of a data folder.") { yes };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = shared.Folder(parsed);
            var silo = Connection.SiloFile.Read(folder) ?? throw new SentenceException($"There is no silo in {folder}.", ExitCode.NotFound);
            if (!await shared.ConfirmAsync($"Stop serving everything in {folder}?", parsed.GetValue(yes), cancellation))
            {
                throw new SentenceException("Nothing was stopped.", ExitCode.Refused);
            }
            await EndAsync(silo.Pid, shared.Setting.Time, cancellation);
            await SiloHost.EndAsync(folder, cancellation);
            shared.Terminal(parsed).Say("Everything has ended. maestro up brings the live releases back.");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task EndAsync(int process, TimeProvider time, CancellationToken cancellation)
    {
        if (!SiloProcess.IsSilo(process))
        {
            return;
        }
        Signals.Terminate(process);
        var until = time.GetUtcNow() + StopWithin;
        while (SiloProcess.IsSilo(process))
        {
            if (time.GetUtcNow() >= until)
            {
                throw new SentenceException($"The silo (process {process}) did not end within {StopWithin.TotalSeconds:F0} s.", ExitCode.Refused);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation);
        }
    }
}
