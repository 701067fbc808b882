using System.Collections.Immutable;
using System.Net;
using Maestro.Audit;
using Maestro.Deployments;

namespace Maestro.Hosting;

/// <summary>Who watches the ledger from outside, and how many of them must have just seen it before production is touched.</summary>
public sealed record WitnessSettings(ImmutableArray<WitnessAddress> Witnesses, int Required)
{
    private const int Most = 16;
    private const int FileLimit = 64 * 1024;

    /// <summary>Nobody.</summary>
    public static WitnessSettings None { get; } = new([], 0);

    /// <param name="given">Each <c>KEY URL</c>, or a file with such lines.</param>
    /// <exception cref="RefusedException">One is not of this form, or more are required than there are.</exception>
    public static WitnessSettings Of(IEnumerable<string> given, int required)
    {
        var witnesses = given.SelectMany(LinesOf).Select(Read).ToImmutableArray();
        if (witnesses.DistinctBy(witness => witness.Key.Name).Count() != witnesses.Length || witnesses.Length > Most)
        {
            throw Refused($"at most {Most}, each with a name of its own", "others");
        }
        return required <= witnesses.Length
            ? new(witnesses, required)
            : throw new RefusedException(new Reason("witness.required", "Only witnesses that there are can be required.",
                $"--require-witness of at most {witnesses.Length}", $"{required}", "Name more of them with --witness."));
    }

    private static IEnumerable<string> LinesOf(string given)
    {
        if (given.Contains(' ', StringComparison.Ordinal))
        {
            return [given];
        }
        try
        {
            return new FileInfo(given).Length <= FileLimit
                ? [.. File.ReadLines(given).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')]
                : throw Refused("a file with a line for each witness", "a longer one");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Refused("\"KEY URL\", or a file with such lines", "a file that cannot be read");
        }
    }

    private static WitnessAddress Read(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var key, var url]
        && NoteKey.Read(key) is { Kind: NoteKeyKind.Cosignature } known && Uri.TryCreate(url, UriKind.Absolute, out var address) && IsFit(address)
            ? new(known, address)
            : throw Refused("a witness's key (NAME+ID+KEY, for cosignatures) and an https address", "something else");

    // What it signs cannot be forged on the way; who looks on would learn how busy the ledger is.
    private static bool IsFit(Uri address) => address.UserInfo.Length == 0 && address.Query.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && IPAddress.TryParse(address.Host, out var host)
            && IPAddress.IsLoopback(host)));

    private static RefusedException Refused(string expected, string found) => new(new Reason(
        "witness.form", "--witness names an outside witness of the ledger.", expected, found, "Correct --witness."));
}

/// <summary>One outside witness.</summary>
public sealed record WitnessAddress(NoteKey Key, Uri Address);
