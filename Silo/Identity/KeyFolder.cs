using System.Collections.Immutable;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// What lies in a folder of keys: <c>root.pub</c>, <c>registry.json</c>, <c>joined/</c> with the silos that joined, and the private keys of
/// some roles as <c>{role}.key</c> or, after a rotation, <c>{role}-{id}.key</c>. <c>root.key</c> is there on a single machine only.
/// </summary>
internal static class KeyFolder
{
    private const string JoinedFolder = "joined";

    /// <summary>What was put into the folder last; two looks that see the same need not read it again.</summary>
    public static (DateTime Registry, long Length, DateTime Joined) Stamp(string folder)
    {
        var (file, joined) = (new FileInfo(Path.Combine(folder, KeyRegistry.FileName)), new DirectoryInfo(Path.Combine(folder, JoinedFolder)));
        return (file.Exists ? file.LastWriteTimeUtc : default, file.Exists ? file.Length : 0, joined.Exists ? joined.LastWriteTimeUtc : default);
    }

    /// <exception cref="OutsideException">The registry, or a joining, is not what the root signed.</exception>
    public static TrustedKeys Read(string folder, string root) => TrustedKeys.Of(
        KeyRegistry.Read(folder, root), Joinings(folder).Select(path => Joining.Of(File.ReadAllBytes(path)).Open(root)));

    /// <summary>The files of those who joined.</summary>
    public static IEnumerable<string> Joinings(string folder) => Directory.Exists(Path.Combine(folder, JoinedFolder))
        ? Directory.GetFiles(Path.Combine(folder, JoinedFolder), "*.json").Order(StringComparer.Ordinal)
        : [];

    /// <summary>Keeps a joining. False where one with this ticket is kept already, which stays: a ticket is good for one.</summary>
    /// <param name="ticket">The ticket's id, as the root signed it.</param>
    public static bool Keep(string folder, string ticket, Joining joining)
    {
        var path = JoiningOf(folder, ticket);
        if (File.Exists(path))
        {
            return false;
        }
        PrivateFile.Replace(path, joining.ToBytes());
        return true;
    }

    /// <summary>Where the joining with this ticket is kept.</summary>
    public static string JoiningOf(string folder, string ticket) => Nonce.IsOne(ticket)
        ? Path.Combine(folder, JoinedFolder, $"{ticket}.json")
        : throw new ArgumentException("A ticket's id is plain.", nameof(ticket));

    /// <summary>The role's private keys.</summary>
    /// <exception cref="OutsideException">One of them cannot be used.</exception>
    public static ImmutableArray<KeyFile> Load(string folder, Role role) =>
        [.. Files(folder, role).Select(path => KeyFile.Load(path, Principal.OfRole(role)))];

    /// <summary>The role's only key file, or the place of its first.</summary>
    public static string PathOf(string folder, Role role) => Path.Combine(folder, $"{Principal.Name(role)}.key");

    /// <summary>Makes another key of the role beside those that are there.</summary>
    public static KeyFile Create(string folder, Role role) => KeyFile.Create(
        File.Exists(PathOf(folder, role)) ? Path.Combine(folder, $"{Principal.Name(role)}-{Guid.NewGuid():N}.key") : PathOf(folder, role),
        Principal.OfRole(role));

    public static IEnumerable<string> Files(string folder, Role role) => Directory.Exists(folder)
        ? new[] { PathOf(folder, role) }.Where(File.Exists).Concat(Directory.GetFiles(folder, $"{Principal.Name(role)}-*.key"))
        : [];
}
