using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>
/// A person's checkout of the base branch: it follows a merge where nothing in it was changed, and is left alone otherwise.
/// </summary>
internal static class WorkTree
{
    /// <summary>Brings a clean checkout of the branch to the tree. To be called before the branch moves; never fails.</summary>
    public static void Follow(Repository repository, string reference, Tree tree)
    {
        if (repository.Info.IsBare || repository.Refs.Head is not SymbolicReference head || head.TargetIdentifier != reference)
        {
            return;
        }
        try
        {
            if (!repository.RetrieveStatus(new StatusOptions { IncludeUntracked = false, IncludeIgnored = false }).IsDirty)
            {
                repository.Checkout(tree, null, new CheckoutOptions());
            }
        }
        catch (LibGit2SharpException)
        {
            // Something of the person's is in the way, or git works in it: the merge counts, the checkout can be brought up to date by
            // hand.
        }
    }
}
