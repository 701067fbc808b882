using System.Text;

namespace Maestro.Agents.Review.Instructions;

/// <summary>A word that means something, with its place among all words and the line it is on.</summary>
internal readonly record struct Word(int Place, Concepts Concepts, int Line);

/// <summary>Text as the words in it that mean something. It grows line by line.</summary>
internal sealed class Sentence
{
    /// <summary>How many words the end of a sentence counts for.</summary>
    private const int SentenceEnd = 2;

    private readonly List<Word> _words = [];
    private int _place;
    private int _single;
    private string _spelled = "";

    public IReadOnlyList<Word> Words => _words;

    public void Add(string text, int line)
    {
        var folded = Folding.Fold(SplitNames(text));
        for (int start = 0, at = 0; at <= folded.Length; at++)
        {
            if (at < folded.Length && IsPart(folded[at]))
            {
                continue;
            }
            if (at > start)
            {
                AddWord(folded.AsSpan(start, at - start), line);
            }
            if (at < folded.Length && folded[at] is '.' or '!' or '?' && (at + 1 == folded.Length || folded[at + 1] == ' '))
            {
                _place += SentenceEnd;
            }
            start = at + 1;
        }
        if (folded.AsSpan().Trim().IsEmpty)
        {
            _place += SentenceEnd;
        }
    }

    private void AddWord(ReadOnlySpan<char> word, int line)
    {
        if (word.Length == 1 && char.IsAsciiLetter(word[0]))
        {
            Spell(word[0], line);
            return;
        }
        _single = 0;
        _spelled = "";
        _place++;
        var plain = word.Trim('\'');
        plain = plain.EndsWith("'t") || plain.EndsWith("'s") || plain.EndsWith("'d") ? plain[..^2] : plain;
        var concepts = Vocabulary.Of(plain);
        if (concepts == Concepts.None && !Ascii.IsValid(plain))
        {
            concepts = Vocabulary.Of(LookAlikes.ToLatin(plain.ToString()));
        }
        else if (concepts == Concepts.None && plain.Length >= 3
            && plain.IndexOfAnyInRange('0', '9') >= 0 | plain.IndexOfAny('@', '$') >= 0)
        {
            concepts = Vocabulary.Of(Unleet(plain));
        }
        if (concepts != Concepts.None)
        {
            _words.Add(new(_place, concepts, line));
        }
    }

    /// <summary>Letters that stand alone, one after the other, are put together: this is how words are hidden from a search.</summary>
    private void Spell(char letter, int line)
    {
        _single++;
        _spelled = _spelled.Length < 24 ? _spelled + letter : _spelled[1..] + letter;
        _place += _single == 1 ? 1 : 0;
        if (_single < 4)
        {
            return;
        }
        for (var length = _spelled.Length; length >= 4; length--)
        {
            var concepts = Vocabulary.Of(_spelled.AsSpan(_spelled.Length - length));
            if (concepts != Concepts.None)
            {
                _words.Add(new(++_place, concepts, line));
                _spelled = "";
                return;
            }
        }
    }

    private static bool IsPart(char character) => char.IsLetterOrDigit(character) || character is '\'' or '@' or '$';

    private static string Unleet(ReadOnlySpan<char> word) => string.Create(word.Length, word, (letters, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            letters[i] = from[i] switch
            {
                '0' => 'o',
                '1' => 'i',
                '3' => 'e',
                '4' or '@' => 'a',
                '5' or '$' => 's',
                '7' => 't',
                '8' => 'b',
                var other => other,
            };
        }
    });

    private static string SplitNames(string text)
    {
        var humps = 0;
        for (var i = 1; i < text.Length; i++)
        {
            humps += IsHump(text, i) ? 1 : 0;
        }
        if (humps == 0)
        {
            return text;
        }
        return string.Create(text.Length + humps, text, (letters, from) =>
        {
            for (int i = 0, to = 0; i < from.Length; i++)
            {
                if (i > 0 && IsHump(from, i))
                {
                    letters[to++] = ' ';
                }
                letters[to++] = from[i];
            }
        });
    }

    private static bool IsHump(string text, int at) => char.IsAsciiLetterUpper(text[at]) && char.IsAsciiLetterLower(text[at - 1]);
}
