using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Maestro.Deployments;

namespace Maestro.Outside.Infrastructure;

/// <summary>Reads one declaring file into resources, each with its place for the messages.</summary>
internal sealed class ResourceReader(string file, DeclarationLimits limits)
{
    private static readonly ImmutableArray<string> RootKeys = ["version", "resources"];
    private static readonly ImmutableArray<string> Kinds = ["directory", "file", "port"];

    /// <exception cref="RefusedException">The file is malformed, with line and column.</exception>
    public ImmutableArray<(Resource Resource, YamlTree At)> Read(byte[] bytes)
    {
        if (bytes.Length > limits.DeclarationBytes)
        {
            throw Refusals.Declaration(file, $"at most {limits.DeclarationBytes} bytes", $"{bytes.Length} bytes");
        }
        var root = YamlTree.Read(file, bytes) as YamlTree.Map
            ?? throw Refusals.Declaration(file, 1, 1, "'version' and 'resources'", "something else");
        Known(root, RootKeys);
        if (Find(root, "version") is not YamlTree.Text { Value: "1" })
        {
            throw Refuse(Find(root, "version") ?? root, "version: 1", "another version, or none");
        }
        return Find(root, "resources") switch
        {
            null or YamlTree.Text { Value: "", Plain: true } => [],
            YamlTree.Items items => [.. items.Values.Select(item => (One(item), item))],
            var other => throw Refuse(other, "a list of resources", "something else"),
        };
    }

    private Resource One(YamlTree item)
    {
        var map = item as YamlTree.Map ?? throw Refuse(item, "a resource such as 'directory: data'", "something else");
        var kinds = map.Entries.Where(entry => Kinds.Contains(entry.Key.Value)).ToList();
        if (kinds.Count != 1)
        {
            Known(map, Kinds);
            throw Refuse(item, "one of directory, file and port", $"{kinds.Count} of them");
        }
        return kinds[0].Key.Value switch
        {
            "directory" => Directory(map),
            "file" => TextFile(map),
            _ => Port(map),
        };
    }

    private Resource Directory(YamlTree.Map map)
    {
        Known(map, ["directory"]);
        return new Resource(Resource.Directory + Place(map, "directory"));
    }

    private Resource TextFile(YamlTree.Map map)
    {
        Known(map, ["file", "content", "mode", "sensitive"]);
        var content = Find(map, "content") as YamlTree.Text ?? throw Refuse(map, "the file's content as text", "none");
        if (!ResourceRules.IsText(content.Value))
        {
            throw Refuse(content, "text in Unicode", "half of a surrogate pair");
        }
        if (Encoding.UTF8.GetByteCount(content.Value) > limits.ContentBytes)
        {
            throw Refuse(content, $"content of at most {limits.ContentBytes} bytes", "more");
        }
        return new Resource(Resource.File + Place(map, "file"), content.Value, Mode(map), Sensitive: Sensitive(map));
    }

    private Resource Port(YamlTree.Map map)
    {
        Known(map, ["port", "number"]);
        var name = Scalar(map, "port");
        if (ResourceRules.ObjectionToPortName(name.Value) is { } objection)
        {
            throw Refuse(name, "a port's name", objection);
        }
        var number = Scalar(map, "number");
        return number is { Plain: true } && int.TryParse(number.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is >= 1 and <= 65535
            ? new Resource(Resource.Port + name.Value, Number: port)
            : throw Refuse(number, "a number from 1 to 65535", $"'{Refusals.Shown(number.Value)}'");
    }

    private int Mode(YamlTree.Map map)
    {
        if (Find(map, "mode") is not { } node)
        {
            return ResourceRules.DefaultMode;
        }
        var digits = (node as YamlTree.Text)?.Value ?? "";
        var mode = digits.Length is 3 or 4 && digits.All(digit => digit is >= '0' and <= '7') ? Convert.ToInt32(digits, 8) : -1;
        return ResourceRules.IsMode(mode)
            ? mode
            : throw Refuse(node, "a mode from 0600 to 0755, writable by its owner only", $"'{Refusals.Shown(digits)}'");
    }

    private bool Sensitive(YamlTree.Map map) => Find(map, "sensitive") switch
    {
        null or YamlTree.Text { Value: "false", Plain: true } => false,
        YamlTree.Text { Value: "true", Plain: true } => true,
        var other => throw Refuse(other, "true or false", "something else"),
    };

    private string Place(YamlTree.Map map, string key)
    {
        var path = Scalar(map, key);
        return WorldPath.Objection(path.Value) is { } objection
            ? throw Refuse(path, "a path below the environment's folder", $"'{Refusals.Shown(path.Value)}': {objection}")
            : path.Value;
    }

    private YamlTree.Text Scalar(YamlTree.Map map, string key) =>
        Find(map, key) as YamlTree.Text ?? throw Refuse(Find(map, key) ?? map, $"'{key}' with a value", "none");

    private void Known(YamlTree.Map map, ImmutableArray<string> known)
    {
        foreach (var (key, _) in map.Entries.Where(entry => !known.Contains(entry.Key.Value)))
        {
            throw Refuse(key, $"'{NearestName.To(key.Value, known)}'", $"the unknown key '{Refusals.Shown(key.Value)}'");
        }
    }

    private static YamlTree? Find(YamlTree.Map map, string key) => map.Entries.FirstOrDefault(entry => entry.Key.Value == key).Value;

    private RefusedException Refuse(YamlTree at, string expected, string found) =>
        Refusals.Declaration(file, at.At.Line, at.At.Column, expected, found);
}
