using System.ComponentModel;
using System.Diagnostics;

namespace Maestro.Doctor;

/// <summary>Starts a program and looks at what it says.</summary>
internal sealed class ProgramProbe(TimeProvider time)
{
    private const int MaximumShown = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How a program ended.</summary>
    /// <param name="FirstLine">The first line it printed, cut.</param>
    internal sealed record Ending(int ExitCode, string FirstLine);

    /// <summary>The program's end; null where there is no such program, or it did not end in five seconds.</summary>
    public async Task<Ending?> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        using var process = new Process { StartInfo = Start(program, arguments) };
        try
        {
            process.Start();
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(either.Token);
            var output = await process.StandardOutput.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token);
            var line = (output + "\n" + await error)
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .FirstOrDefault() ?? "";
            return new(process.ExitCode, line.Length > MaximumShown ? line[..MaximumShown] : line);
        }
        catch (Win32Exception)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }

    private static ProcessStartInfo Start(string program, IEnumerable<string> arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    };
}
