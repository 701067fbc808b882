using System.Collections.Immutable;
using System.Text;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Agents.Review;

/// <summary>
/// The only way from bytes to text: strict UTF-8, cut into lines as git counts them. What does not pass is a finding and lowers the
/// coverage, so nothing is approved unread.
/// </summary>
public static class TextGate
{
    /// <summary>Characters of a line that are examined.</summary>
    public const int LineLength = 20_000;

    private const int MessageLength = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static ReadChange Read(Comparison comparison, ImmutableArray<string> sensitivePaths)
    {
        var tally = new Tally();
        var files = ImmutableArray.CreateBuilder<ReadFile>(comparison.Files.Length);
        foreach (var file in comparison.Files)
        {
            files.Add(Read(file, tally));
        }
        var missing = comparison.FilesInAll - comparison.Files.Length;
        if (missing > 0)
        {
            tally.Miss(missing, new("unread-file", Severity.Medium, "", 0,
                $"{missing} more changed files are beyond the limits and were not read."));
        }
        MissCommits(comparison.MessagesUnread, comparison.CommitMessages, "commit messages", tally);
        MissCommits(comparison.NamesUnread, comparison.CommitNames, "names and addresses of the commits", tally);
        var messages = comparison.CommitMessages.Select(message => Cut(message.Open(), MessageLength)).ToImmutableArray();
        return new(files.DrainToImmutable(), messages, sensitivePaths, [.. tally.Findings], tally.Read, tally.Unread)
        {
            Names = [.. comparison.CommitNames.Select(name => Cut(name.Open(), MessageLength))],
        };
    }

    private static void MissCommits(int unread, ImmutableArray<UntrustedText> texts, string what, Tally tally)
    {
        unread += texts.Count(text => text.Open().Length > MessageLength);
        if (unread > 0)
        {
            tally.Miss(unread, new("unread-commit", Severity.Medium, "", 0, $"{unread} of the {what} are beyond the limits and were not read whole."));
        }
    }

    private static ReadFile Read(ChangedFile file, Tally tally)
    {
        var path = file.Path.Open();
        var shown = file.Path.Shown();
        var known = Math.Max(1, (long)file.AddedLines.Length + file.RemovedLines.Length);
        var why = file.Skipped is not null ? "The file was not handed over for reading: it is binary, too large or beyond a limit."
            : file.New is null && file.Old is null
            ? "The file has no content that could be read; it may be a link, a submodule or a change of mode."
            : LanguageOfFile.IsProgram(path) ? "The name is that of a compiled program or package, which cannot be reviewed by reading."
            : null;
        var news = why is null ? Decode(file.New) : "";
        var olds = why is null ? Decode(file.Old) : "";
        why ??= news is null || olds is null ? "The file is not valid UTF-8 text, so it was not read." : null;
        if (why is not null)
        {
            tally.Miss(known, new("unread-file", Severity.Medium, shown, 0, why));
            return new(path, file.Before?.Open(), shown, Languages.Unknown, [], []);
        }
        var everything = file.AddedLines.IsEmpty && file.RemovedLines.IsEmpty && news != olds;
        var added = Lines(news!, file.New is null ? null : file.AddedLines, everything || file.Old is null, shown, tally);
        var removed = Lines(olds!, file.Old is null ? null : file.RemovedLines, everything || file.New is null, shown, tally);
        var language = LanguageOfFile.Of(path, (added.IsEmpty ? removed : added) is [var first, ..] ? first.Text : "");
        return new(path, file.Before?.Open(), shown, language, added, removed);
    }

    private static string? Decode(ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } content)
        {
            return "";
        }
        try
        {
            var text = Strict.GetString(content.Span);
            return text.Contains('\0', StringComparison.Ordinal) ? null : text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static ImmutableArray<SourceLine> Lines(string text, ImmutableArray<int>? changed, bool all, string shown, Tally tally)
    {
        if (changed is not { } numbers || text.Length == 0)
        {
            return [];
        }
        var marked = all ? [] : numbers.ToHashSet();
        var lines = ImmutableArray.CreateBuilder<SourceLine>();
        for (int start = 0, number = 1; start < text.Length; number++)
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            var line = text[start..(end > start && text[end - 1] == '\r' ? end - 1 : end)];
            var isChanged = all || marked.Contains(number);
            tally.Read += isChanged ? 1 : 0;
            if (isChanged && line.Length > LineLength)
            {
                tally.Miss(1, new("line-too-long", Severity.Medium, shown, number,
                    "The line is too long to be read whole; its end was not examined."));
            }
            lines.Add(new(number, Cut(line, LineLength), isChanged));
            start = end + 1;
        }
        return lines.DrainToImmutable();
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private sealed class Tally
    {
        public long Read { get; set; }

        public long Unread { get; private set; }

        public List<Finding> Findings { get; } = [];

        public void Miss(long lines, Finding finding)
        {
            Unread += lines;
            Findings.Add(finding);
        }
    }
}
