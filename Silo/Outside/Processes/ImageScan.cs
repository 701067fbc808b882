using System.Collections.Immutable;
using System.Text;
using Maestro.Evidence;

namespace Maestro.Outside.Processes;

/// <summary>Reads every file of an image for secrets, and every entry for what has no place in one.</summary>
internal sealed class ImageScan
{
    public const string Scanner = "built-in secrets and modes 1";
    private const int MostFindings = 200;
    private const int SetUserOrGroup = 0xc00, WritableByAll = 0x2;

    private readonly List<Finding> _findings = [];
    private readonly HashSet<(string Rule, string Path, int Line)> _known = [];
    private string _path = "";
    private string _before = "";
    private int _line = 1;

    /// <summary>How many files were read.</summary>
    public HashSet<string> Read { get; } = new(StringComparer.Ordinal);

    /// <summary>The findings, the heaviest first.</summary>
    public ImmutableArray<Finding> Findings => [.. _findings.OrderByDescending(finding => finding.Severity).Take(MostFindings)];

    /// <summary>Takes the next chunk of a file. Chunks of one file follow one another.</summary>
    public void Take(string path, ReadOnlyMemory<byte> chunk)
    {
        if (path != _path)
        {
            (_path, _before, _line) = (path, "", 1);
            Read.Add(path);
        }
        var text = _before + Encoding.Latin1.GetString(chunk.Span);
        Search(text);
        // A compiled program holds its texts in UTF-16: every other byte is NUL.
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            Search(text.Replace("\0", "", StringComparison.Ordinal));
        }
        var kept = Math.Min(text.Length, 2 * SecretShapes.Longest);
        _line += text.AsSpan(0, text.Length - kept).Count('\n');
        _before = text[^kept..];
    }

    /// <summary>Looks at modes and kinds.</summary>
    public void Take(ImageEntry entry)
    {
        if (entry.Status.IsLink)
        {
            Add("image.link", Severity.High, entry.Path, 0, "An image holds files, not links.");
        }
        else if ((entry.Status.Mode & SetUserOrGroup) != 0 && entry.Status.IsFile)
        {
            Add("image.set-user-id", Severity.High, entry.Path, 0, "The program takes on its owner's rights when it is run.");
        }
        else if ((entry.Status.Mode & WritableByAll) != 0)
        {
            Add("image.world-writable", Severity.High, entry.Path, 0, "Everybody may change it.");
        }
    }

    private void Search(string text)
    {
        foreach (var (rule, index) in SecretShapes.Find(text))
        {
            Add(rule, Severity.Critical, _path, _line + text.AsSpan(0, index).Count('\n'),
                "It looks like a secret. Take it out, and replace the secret: it is known now.");
        }
    }

    private void Add(string rule, Severity severity, string path, int line, string message)
    {
        var shown = new UntrustedText(path).Shown();
        if (_findings.Count < 10 * MostFindings && _known.Add((rule, shown, line)))
        {
            _findings.Add(new(rule, severity, shown, line, message));
        }
    }
}
