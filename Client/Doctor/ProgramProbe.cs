using System.ComponentModel;
using System.Diagnostics;

namespace Maestro.Doctor;

/// <summary>Starts a program and looks at what it says.</summary>
/// <param name="patience">How long a program may take; 30 seconds unless told.</param>
internal sealed class ProgramProbe(TimeProvider time, TimeSpan? patience = null)
{
    private const int MaximumShown = 200;

    // The first start of a large program, on a busy machine with a cold disk, takes many seconds.
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(30);

    /// <summary>How a program ended.</summary>
    /// <param name="ExitCode">Null where it did not end in time and was ended.</param>
    /// <param name="FirstLine">The first line it printed, cut.</param>
    internal sealed record Ending(int? ExitCode, string FirstLine);

    /// <summary>The program's end; null where there is no such program.</summary>
    public async Task<Ending?> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
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
            return new(null, $"no answer in {_patience.TotalSeconds:0} seconds");
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
