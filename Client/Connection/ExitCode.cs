namespace Maestro.Connection;

/// <summary>What the program's end tells a script. The numbers stay.</summary>
internal static class ExitCode
{
    /// <summary>Done; for <c>status</c>: finished in production.</summary>
    public const int Done = 0;

    /// <summary>Refused; for <c>status</c>: it ended in any other way than finished.</summary>
    public const int Refused = 1;

    /// <summary>For <c>status</c>: still under way.</summary>
    public const int UnderWay = 2;

    public const int NotFound = 3;

    /// <summary>No silo answers.</summary>
    public const int NoSilo = 4;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 64;

    /// <summary>A fault of the program.</summary>
    public const int Fault = 70;

    /// <summary>Interrupted by the person.</summary>
    public const int Interrupted = 130;
}
