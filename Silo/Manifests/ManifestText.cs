using System.Collections.Immutable;
using System.Text;
using Maestro.Deployments;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Maestro.Manifests;

/// <summary>
/// Reads the small part of YAML that a manifest may use: one document of sections, lists and texts. Anchors, aliases and tags are
/// refused, as they can stand for more than they show; sizes and depth are bounded before anything is built.
/// </summary>
internal sealed class ManifestText
{
    public const int LargestText = 64 << 10;
    private const int Deepest = 8;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Parser _events;

    private ManifestText(string text) => _events = new Parser(new StringReader(text));

    /// <exception cref="RefusedException">It is too large, not UTF-8, or not YAML of that kind.</exception>
    public static ManifestNode.Section Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > LargestText)
        {
            throw ManifestFaults.Whole(
                "manifest.too-large", "A manifest has at most 64 KiB.", "65,536 bytes or fewer", $"{bytes.Length:N0} bytes");
        }
        try
        {
            return new ManifestText(Decode(bytes.Span)).Document();
        }
        catch (YamlException error)
        {
            throw ManifestFaults.At(Of(error.Start), "manifest.not-yaml", "this is not YAML.", "YAML", ManifestFaults.Shown(error.Message));
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw ManifestFaults.Whole("manifest.not-utf8", "A manifest is UTF-8 text.", "UTF-8", $"another byte at {error.Index:N0}");
        }
    }

    private ManifestNode.Section Document()
    {
        Next();
        Next();
        if (_events.Current is not DocumentStart)
        {
            throw ManifestFaults.Whole(
                "manifest.empty", "A manifest describes an application.", "version, application, build, run and health", "nothing");
        }
        Next();
        var node = Node(0);
        Next();
        if (_events.Current is not DocumentEnd || !TryNext() || _events.Current is not StreamEnd)
        {
            throw ManifestFaults.At(
                Of(_events.Current?.Start ?? default), "manifest.many-documents", "a second document begins here.", "one document", "more");
        }
        return node as ManifestNode.Section ?? throw ManifestFaults.At(
            node.At, "manifest.wrong-type", "a manifest must be a section of keys.", "keys and values", node.Kind);
    }

    private ManifestNode Node(int depth)
    {
        var at = Of(_events.Current!.Start);
        RefuseReferences(at);
        if (depth > Deepest)
        {
            throw ManifestFaults.At(at, "manifest.too-deep", "this is nested too deep.", $"at most {Deepest} levels", "more");
        }
        return _events.Current switch
        {
            Scalar scalar => new ManifestNode.Text(at, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => new ManifestNode.Sequence(at, Items(depth)),
            MappingStart => new ManifestNode.Section(at, Entries(depth)),
            _ => throw ManifestFaults.At(at, "manifest.not-yaml", "this is not YAML.", "a value", "none"),
        };
    }

    private ImmutableArray<ManifestNode> Items(int depth)
    {
        var items = ImmutableArray.CreateBuilder<ManifestNode>();
        for (Next(); _events.Current is not SequenceEnd; Next())
        {
            items.Add(Node(depth + 1));
        }
        return items.ToImmutable();
    }

    private ImmutableArray<ManifestEntry> Entries(int depth)
    {
        var entries = ImmutableArray.CreateBuilder<ManifestEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (Next(); _events.Current is not MappingEnd; Next())
        {
            if (Node(depth + 1) is not ManifestNode.Text key)
            {
                throw ManifestFaults.At(
                    Of(_events.Current!.Start), "manifest.wrong-type", "a key must be a text.", "a text", "something else");
            }
            if (!seen.Add(key.Value))
            {
                throw ManifestFaults.At(
                    key.At, "manifest.duplicate-key", $"'{ManifestFaults.Shown(key.Value)}' is there twice.", "each key once",
                    "the second one");
            }
            Next();
            entries.Add(new ManifestEntry(key.Value, key.At, Node(depth + 1)));
        }
        return entries.ToImmutable();
    }

    private void Next()
    {
        if (!TryNext())
        {
            throw ManifestFaults.Whole("manifest.not-yaml", $"{Manifest.FileName} ends too early.", "YAML", "the end");
        }
    }

    private bool TryNext()
    {
        var last = Of(_events.Current?.End ?? default);
        try
        {
            return _events.MoveNext();
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // The scanner loses its own state on some texts, such as a list in brackets that is never closed, and says so in many ways.
            throw ManifestFaults.At(
                last, "manifest.not-yaml", "what follows is not YAML.", "YAML", "something else, such as an unclosed bracket");
        }
    }

    private void RefuseReferences(Position at)
    {
        if (_events.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false } or NodeEvent { Tag.IsEmpty: false })
        {
            throw ManifestFaults.At(
                at, "manifest.reference", "anchors, aliases and tags are not used in a manifest.", "plain sections, lists and texts",
                "one of them",
                "Write the value out.");
        }
    }

    private static Position Of(Mark mark) => new(Math.Max(mark.Line, 1), Math.Max(mark.Column, 1));
}
