using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// What this silo knows of the root's word, in its own files: they outlive the database, so that nobody puts an older registry or roster in a
/// newer one's place there.
/// </summary>
/// <param name="Keys">The folder of keys.</param>
/// <param name="Roster">The roster's file.</param>
/// <param name="Root">The root's public key in base64, as this silo pins it.</param>
internal sealed record TrustFolder(string Keys, string Roster, string Root)
{
    /// <summary>A joining that silos first see later than this after its ticket's end was made with an old ticket.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private string RegistryPath => Path.Combine(Keys, KeyRegistry.FileName);

    /// <summary>The number of the registry that is known; 0 where there is none, or one that the root did not sign.</summary>
    public long RegistryNumber => NumberOf(() => KeyRegistry.Read(Keys, Root).Number);

    public long RosterNumber => File.Exists(Roster) ? NumberOf(() => Identity.Roster.Read(Roster, Root).Number) : 0;

    /// <summary>Changes when a known document does.</summary>
    public (DateTime, DateTime) Stamp => (File.GetLastWriteTimeUtc(RegistryPath), File.GetLastWriteTimeUtc(Roster));

    /// <summary>The known documents, as they can be offered to others.</summary>
    public ImmutableArray<(string Kind, long Number, byte[] Content)> Documents => [.. new[]
    {
        (Kind: TrustDocument.Registry, Number: RegistryNumber, Path: RegistryPath),
        (Kind: TrustDocument.Roster, Number: RosterNumber, Path: Roster),
    }.Where(known => known.Number > 0).Select(known => (known.Kind, known.Number, File.ReadAllBytes(known.Path)))];

    /// <summary>Takes a document in, if the root signed it and it is newer than what is known.</summary>
    /// <param name="seen">When it was first seen; null where nobody was watching when it came.</param>
    /// <returns>Whether it was new, and what it is, as the ledger tells it.</returns>
    /// <exception cref="OutsideException">It is not what the root signed.</exception>
    public (bool IsNew, TrustNews News) Take(TrustDocument document, DateTimeOffset? seen)
    {
        var content = document.Content.AsSpan();
        switch (document.Kind)
        {
            case TrustDocument.Registry:
                var registry = KeyRegistry.Of(content, Root);
                CheckNumber(document, registry.Number);
                return (Replace(RegistryPath, registry.Number, () => RegistryNumber, content), TrustNews.Of(registry, document));
            case TrustDocument.Roster:
                var roster = Identity.Roster.Of(content, Root);
                CheckNumber(document, roster.Number);
                return (Replace(Roster, roster.Number, () => RosterNumber, content), TrustNews.Of(roster, document));
            default:
                return TakeJoining(document, seen);
        }
    }

    // Copies under other numbers would each be told to the ledger.
    private static void CheckNumber(TrustDocument document, long number)
    {
        if (document.Place > 0 && document.Number != number)
        {
            throw new OutsideException(new Deployments.Reason("keys.number", "A document is stored under its own number.",
                FormattableString.Invariant($"{number}"), FormattableString.Invariant($"{document.Number}"), "Nothing needs to be done."));
        }
    }

    /// <summary>Whether this is the joining that counts for its ticket.</summary>
    public bool Keeps(TrustDocument document)
    {
        var path = KeyFolder.JoiningOf(Keys, document.Kind[TrustDocument.Join.Length..]);
        return File.Exists(path) && document.Content.AsSpan().SequenceEqual(File.ReadAllBytes(path));
    }

    private (bool IsNew, TrustNews News) TakeJoining(TrustDocument document, DateTimeOffset? seen)
    {
        var joining = Joining.Of(document.Content.AsMemory());
        var (ticket, keys) = joining.Open(Root);
        // Under another kind the silo that was meant would not see that somebody was there before.
        if (document.Kind != TrustDocument.Join + ticket.Id)
        {
            throw Problem($"a document of the kind {TrustDocument.Join}{ticket.Id}", "one of another kind");
        }
        var refused = $"{KeyFolder.JoiningOf(Keys, ticket.Id)}.refused";
        if (seen > ticket.Until + Grace || File.Exists(refused))
        {
            // Remembered, because after a restart nobody would know any more that it came late.
            PrivateFile.Replace(refused, []);
            throw Problem($"a joining before {ticket.Until:u}", $"one that came at {seen:u}");
        }
        var news = TrustNews.Of(ticket, keys, document);
        return (KeyFolder.Keep(Keys, ticket.Id, joining), news);
    }

    private static OutsideException Problem(string expected, string found) => new(new Deployments.Reason(
        "keys.joining", "A silo joins while its ticket is good.", expected, found, "Make a new ticket with: maestro keys enroll."));

    private static bool Replace(string path, long number, Func<long> known, ReadOnlySpan<byte> content)
    {
        if (number <= known())
        {
            return false;
        }
        using var turn = OneAtATime.Enter($"{path}.lock");
        if (number <= known())
        {
            return false;
        }
        PrivateFile.Replace(path, content);
        return true;
    }

    private static long NumberOf(Func<long> read)
    {
        try
        {
            return read();
        }
        catch (OutsideException)
        {
            return 0;
        }
    }
}
