using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>Finds objects by their full id only: an abbreviation or a name could mean another object tomorrow.</summary>
internal static class Objects
{
    public static GitObject? Find(Repository repository, string id) =>
        id is { Length: 40 } && id.All(char.IsAsciiHexDigitLower) ? repository.Lookup(new ObjectId(id)) : null;

    /// <summary>The tree of a commit, or the tree itself.</summary>
    /// <exception cref="RefusedException">There is neither.</exception>
    public static Tree FindTree(Repository repository, string id) => Find(repository, id) switch
    {
        Commit commit => commit.Tree,
        Tree tree => tree,
        _ => throw Refusals.NoCommit(id),
    };

    /// <exception cref="RefusedException">A tree names as a folder what is none.</exception>
    public static Tree Subtree(Repository repository, ObjectId id) => repository.Lookup(id) as Tree ?? throw Refusals.NoCommit(id.Sha);

    public static long SizeOf(Repository repository, ObjectId id) => repository.ObjectDatabase.RetrieveObjectMetadata(id).Size;

    /// <summary>The blob's bytes, exactly: no filters, no attributes, no line endings. Check <see cref="SizeOf"/> first.</summary>
    public static byte[] Bytes(Repository repository, ObjectId id)
    {
        var blob = repository.Lookup(id) as Blob ?? throw Refusals.NoCommit(id.Sha);
        using var content = blob.GetContentStream();
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }
}
