using System.Collections.Immutable;

namespace Maestro.Identity;

/// <summary>
/// What the root signed, in the cluster's database, so that every silo learns of it within seconds. Documents are only added, and each is
/// believed for its signature alone.
/// </summary>
internal interface ITrustStore
{
    /// <summary>Documents that were added after a place, in order, at most <paramref name="count"/>.</summary>
    /// <param name="place">0 for the first.</param>
    Task<ImmutableArray<TrustDocument>> ReadAsync(long place, int count, CancellationToken cancellation);

    /// <summary>Adds a document after all others. False where the very same is there already.</summary>
    Task<bool> AddAsync(string kind, long number, ReadOnlyMemory<byte> content, CancellationToken cancellation);
}

/// <param name="Place">From 1, without gaps.</param>
/// <param name="Kind"><see cref="Registry"/>, <see cref="Roster"/>, or <see cref="Join"/> and a ticket's id.</param>
/// <param name="Number">The document's own number; 1 for a joining. Of several that are genuine the first counts.</param>
internal sealed record TrustDocument(long Place, string Kind, long Number, ImmutableArray<byte> Content)
{
    public const string Registry = "registry";
    public const string Roster = "roster";
    public const string Join = "join/";
}
