using System.Buffers;
using System.Text.RegularExpressions;
using Maestro.Agents.Review.Instructions;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>
/// Text in a change that tells the reviewer what to do: in comments, strings, documents, names of files and commit messages.
/// </summary>
/// <remarks>A score, not a list of phrases: what is meant is looked for, in several languages, also where it is encoded.</remarks>
public sealed class InjectedInstructions : IDetector
{
    /// <summary>Characters that are decoded of one file.</summary>
    private const int DecodedPerFile = 256 * 1024;

    /// <summary>What hiding an order adds to its weight.</summary>
    private const int Disguise = 3;

    private const int FindingsPerFile = 20;

    private static readonly SearchValues<string> MarkHints = SearchValues.Create(
        ["<|", "[INST", "[/INST", "<<SYS", "###", "\"verdict\"", "'verdict'", "<system", "</system", "</diff", "</user", "<assistant",
            "忽略", "无视", "無視", "무시", "Human:", "Assistant:", "System:"],
        StringComparison.OrdinalIgnoreCase);

    private static readonly (Regex Pattern, int Weight)[] Marks =
    [
        (Linear.Regex("""<\|(im_start|im_end|system|user|assistant|endoftext|begin_of_text|start_header_id|eot_id|end)\|>"""), 4),
        (Linear.Exact("""\[/?INST\]|<</?SYS>>"""), 4),
        (Linear.Regex(
            """^\W*#{2,}\s*(system|instructions?|assistant|user|human)\s*:?\s*$|^\W*\[?(system|assistant)\]?\s*(message|prompt|"""
            + """override)?\s*:\s*(you\b|ignore|approve|from now|the (review|previous))"""), 4),
        (Linear.Regex("""</?(system|assistant|system[_-]?prompt|diff|untrusted\w*|user[_-]?input)>"""), 3),
        (Linear.Regex(
            """["']verdict["']\s*:\s*["'](approved?|pass|safe|lgtm)|["'](approved|is_safe)["']\s*:\s*true.*["'](findings|"""
            + """issues)["']\s*:\s*\[\s*\]"""), 3),
        (Linear.Regex("""(忽略|无视|無視)\S{0,12}(指令|指示|提示|命令|规则)|(指示|命令|プロンプト|指令)\S{0,6}(無視|忽略)|(지시|명령)\S{0,6}\s?무시"""), 6),
    ];

    public IEnumerable<Finding> InFile(ReadFile file) =>
        In(file.Added, Prose(file.Path), file.Shown, "The file").AtMost(FindingsPerFile);

    public IEnumerable<Finding> InChange(ReadChange change) =>
        change.Messages.SelectMany((message, number) => In(
            message.Split('\n').Select(text => new SourceLine(0, text, true)), "", $"commit message {number + 1}", "A commit message"));

    private static string Prose(string path) => path.Replace('/', ' ').Replace('-', ' ').Replace('_', ' ').Replace('.', ' ').Replace('+',
        ' ');

    private static IEnumerable<Finding> In(IEnumerable<SourceLine> lines, string path, string shown, string where)
    {
        var open = new Sentence();
        var hidden = new Sentence();
        var marks = new List<(int Line, int Score)>();
        var budget = new Allowance(DecodedPerFile);
        open.Add(path, 0);
        var inMarkup = false;
        foreach (var line in lines)
        {
            inMarkup |= line.Text.Contains("<!--", StringComparison.Ordinal) || line.Text.StartsWith("[//]: #", StringComparison.Ordinal);
            (inMarkup ? hidden : open).Add(Decodings.WithoutDigests(line.Text), line.Number);
            inMarkup &= !line.Text.Contains("-->", StringComparison.Ordinal)
                && !line.Text.StartsWith("[//]: #", StringComparison.Ordinal);
            foreach (var text in Decodings.Of(line.Text, budget))
            {
                hidden.Add(text, line.Number);
                marks.AddRange(Mark(text, line.Number));
            }
            marks.AddRange(Mark(line.Text, line.Number));
        }
        if (budget.IsSpent)
        {
            yield return new("encoded-text", Severity.Medium, shown, 0, $"{where} holds more encoded text than can be looked into.");
        }
        var scores = InstructionScore.Of(open)
            .Concat(InstructionScore.Of(hidden).Select(hit => (hit.Line, Score: hit.Score + Disguise)))
            .Concat(marks).ToArray();
        foreach (var (line, score) in scores.Where(hit => hit.Score >= InstructionRule.Weak))
        {
            yield return new("injected-instruction", score >= InstructionRule.Strong ? Severity.High : Severity.Medium, shown, line,
                $"{where} holds text that reads like an instruction to the reviewer. It is not followed.");
        }
    }

    private static IEnumerable<(int Line, int Score)> Mark(string text, int line) => !text.AsSpan().ContainsAny(MarkHints) ? []
        : Marks.Where(mark => mark.Pattern.IsMatch(text)).Select(mark => (line, mark.Weight)).Take(2);
}
