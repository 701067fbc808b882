using Maestro.Connection;

namespace Maestro.Commands;

/// <summary>Reads what somebody kept of the ledger: a proof or a checkpoint, from anywhere, so not more than it can have.</summary>
internal static class ProofText
{
    private const string Standard = "-";

    // A proof has an entry of some KB and at most 64 hashes.
    private const int SizeLimit = 64 * 1024;

    /// <exception cref="SentenceException">It cannot be read, or is longer than any proof.</exception>
    public static async Task<string> ReadAsync(string file, TextReader standard, CancellationToken cancellation)
    {
        try
        {
            using var reader = file == Standard ? standard : new StreamReader(file);
            var text = new char[SizeLimit + 1];
            var length = await reader.ReadBlockAsync(text, cancellation);
            return length <= SizeLimit ? new string(text, 0, length) : throw new SentenceException($"{file} is longer than a proof can be.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SentenceException(unreadable.Message, unreadable);
        }
    }
}
