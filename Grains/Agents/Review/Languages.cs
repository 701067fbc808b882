namespace Maestro.Agents.Review;

/// <summary>What a file is written in, as far as rules tell it apart; several for a rule that holds in several.</summary>
[Flags]
public enum Languages
{
    None = 0,
    CSharp = 1 << 0,
    JavaScript = 1 << 1,
    Python = 1 << 2,
    Go = 1 << 3,
    Java = 1 << 4,
    Ruby = 1 << 5,
    Php = 1 << 6,
    Shell = 1 << 7,
    PowerShell = 1 << 8,
    Dockerfile = 1 << 9,
    Makefile = 1 << 10,
    Yaml = 1 << 11,
    Json = 1 << 12,
    Xml = 1 << 13,
    Sql = 1 << 14,
    Settings = 1 << 15,
    OtherCode = 1 << 16,
    Prose = 1 << 17,
    Unknown = 1 << 18,

    /// <summary>Places where a line may be a shell command.</summary>
    Commands = Shell | Dockerfile | Makefile | Yaml | Json | Settings | OtherCode | Unknown,

    /// <summary>Everything that is run or configures what runs.</summary>
    Code = (1 << 19) - 1 - Prose,
    Everything = Code | Prose,
}
