namespace Maestro.Identity;

/// <summary>Takes note of calls that were refused admission. It must be quick and must not throw.</summary>
public interface IDenials
{
    void Note(Denial denial);
}

/// <summary>A call that was refused admission.</summary>
/// <param name="Method">The audience: interface and method.</param>
/// <param name="Source">Where the call came from by Orleans' routing; not authenticated.</param>
/// <param name="Found">Who called and what was wrong, fit to be shown.</param>
public sealed record Denial(DateTimeOffset At, string Code, string Method, string Target, string Source, string Found);
