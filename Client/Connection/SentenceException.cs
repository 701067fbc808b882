namespace Maestro.Connection;

/// <summary>Ends a command with one sentence for people and an exit code for scripts.</summary>
internal sealed class SentenceException : InvalidOperationException
{
    public SentenceException(string sentence, int exitCode) : base(sentence) => ExitCode = exitCode;

    public SentenceException() { }

    public SentenceException(string message) : base(message) { }

    public SentenceException(string message, Exception innerException) : base(message, innerException) { }

    public int ExitCode { get; } = Connection.ExitCode.Refused;
}
