using System.Collections.Immutable;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Maestro.Outside.Infrastructure;

/// <summary>A YAML document without anchors, aliases, tags or repeated keys, so that nothing in it can grow or pretend; every node
/// knows its place.</summary>
internal abstract record YamlTree(Mark At)
{
    private const int Deepest = 6;
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public sealed record Text(Mark At, string Value, bool Plain) : YamlTree(At);

    public sealed record Items(Mark At, ImmutableArray<YamlTree> Values) : YamlTree(At);

    public sealed record Map(Mark At, ImmutableArray<(Text Key, YamlTree Value)> Entries) : YamlTree(At);

    /// <exception cref="Maestro.Deployments.RefusedException">It is not one plain YAML document in UTF-8.</exception>
    public static YamlTree Read(string file, byte[] bytes)
    {
        try
        {
            var parser = new Parser(new StringReader(Utf8.GetString(bytes)));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out var end))
            {
                throw Refusals.Declaration(file, end.Start.Line, end.Start.Column, "a document", "nothing");
            }
            parser.Consume<DocumentStart>();
            var root = Node(file, parser, 0);
            parser.Consume<DocumentEnd>();
            return parser.TryConsume<StreamEnd>(out _)
                ? root
                : throw Refusals.Declaration(file, parser.Current!.Start.Line, parser.Current.Start.Column, "one document",
                    "a second one");
        }
        catch (YamlException refused)
        {
            throw Refusals.Declaration(file, refused.Start.Line, refused.Start.Column, "YAML", Refusals.Shown(refused.Message));
        }
        catch (DecoderFallbackException)
        {
            throw Refusals.Declaration(file, 1, 1, "text in UTF-8", "other bytes");
        }
    }

    private static YamlTree Node(string file, Parser parser, int depth)
    {
        var at = parser.Current!.Start;
        if (parser.Current is not NodeEvent { Anchor.IsEmpty: true, Tag.IsEmpty: true } node)
        {
            throw Refusals.Declaration(file, at.Line, at.Column, "plain values", "an anchor, an alias or a tag");
        }
        if (depth > Deepest)
        {
            throw Refusals.Declaration(file, at.Line, at.Column, $"at most {Deepest} levels", "more");
        }
        parser.MoveNext();
        return node switch
        {
            Scalar scalar => new Text(at, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadItems(file, parser, at, depth),
            _ => ReadMap(file, parser, at, depth),
        };
    }

    private static Items ReadItems(string file, Parser parser, Mark at, int depth)
    {
        var values = ImmutableArray.CreateBuilder<YamlTree>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            values.Add(Node(file, parser, depth + 1));
        }
        return new Items(at, values.ToImmutable());
    }

    private static Map ReadMap(string file, Parser parser, Mark at, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<(Text, YamlTree)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(file, parser, depth + 1);
            if (key is not Text text)
            {
                throw Refusals.Declaration(file, key.At.Line, key.At.Column, "a key", "a list or a map as a key");
            }
            if (!seen.Add(text.Value))
            {
                throw Refusals.Declaration(file, key.At.Line, key.At.Column, "each key once", $"'{Refusals.Shown(text.Value)}' again");
            }
            entries.Add((text, Node(file, parser, depth + 1)));
        }
        return new Map(at, entries.ToImmutable());
    }
}
