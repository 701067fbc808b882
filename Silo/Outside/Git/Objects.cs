using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>Finds objects by their full id only: an abbreviation or a name could mean another object tomorrow.</summary>
internal static class Objects
{
    /// <exception cref="RefusedException">It is there, but not as git writes it.</exception>
    public static GitObject? Find(Repository repository, string id) =>
        id is { Length: 40 } && id.All(char.IsAsciiHexDigitLower) ? Find(repository, new ObjectId(id)) : null;

    /// <exception cref="RefusedException">It is there, but not as git writes it.</exception>
    public static GitObject? Find(Repository repository, ObjectId id)
    {
        try
        {
            return repository.Lookup(id);
        }
        catch (LibGit2SharpException) when (repository.ObjectDatabase.Contains(id))
        {
            // A header that can be read tells a malformed object from a disk that does not answer.
            throw repository.ObjectDatabase.RetrieveObjectMetadata(id).Type == ObjectType.Tree
                ? Refusals.UnsafePath("", "a folder that git cannot read")
                : Refusals.BadCommit();
        }
    }

    /// <summary>The tree of a commit, or the tree itself.</summary>
    /// <exception cref="RefusedException">There is neither.</exception>
    public static Tree FindTree(Repository repository, string id) => Find(repository, id) switch
    {
        Commit commit => commit.Tree,
        Tree tree => tree,
        _ => throw Refusals.NoCommit(id),
    };

    /// <exception cref="RefusedException">A tree names as a folder what is none.</exception>
    public static Tree Subtree(Repository repository, ObjectId id) => Find(repository, id) as Tree ?? throw Refusals.NoCommit(id.Sha);

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
