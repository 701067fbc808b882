using System.Collections.Immutable;

namespace Maestro.Manifests;

/// <summary>Where something stands in the text; line and column from 1.</summary>
internal readonly record struct Position(long Line, long Column);

/// <summary>A piece of a manifest: text, a list or a section.</summary>
internal abstract record ManifestNode(Position At)
{
    public abstract string Kind { get; }

    /// <param name="IsPlain">It is written without quotes, so a number is a number.</param>
    public sealed record Text(Position At, string Value, bool IsPlain) : ManifestNode(At)
    {
        public override string Kind => IsNothing ? "nothing" : "a text";

        /// <summary>No value at all: <c>key:</c>, <c>key: ~</c> or <c>key: null</c>.</summary>
        public bool IsNothing => IsPlain && Value is "" or "~" or "null";
    }

    public sealed record Sequence(Position At, ImmutableArray<ManifestNode> Items) : ManifestNode(At)
    {
        public override string Kind => "a list";
    }

    public sealed record Section(Position At, ImmutableArray<ManifestEntry> Entries) : ManifestNode(At)
    {
        public override string Kind => "a section";
    }
}

/// <summary>One key and its value.</summary>
internal sealed record ManifestEntry(string Key, Position At, ManifestNode Value);
