using System.Collections.Immutable;

namespace Maestro.Agents.Review.Instructions;

/// <summary>How much a text reads like an order to the one who reviews it.</summary>
internal static class InstructionScore
{
    /// <summary>Hits within so many words of one another are about the same.</summary>
    private const int Together = 50;

    /// <summary>After so many places that reject on their own, one more says no more.</summary>
    private const int StrongClusters = 5;

    /// <summary>The lines at which orders begin, with the sum of the weights of the different rules that hold there.</summary>
    public static ImmutableArray<(int Line, int Score)> Of(Sentence sentence)
    {
        var clusters = ImmutableArray.CreateBuilder<(int Line, int Score)>();
        var weights = new Dictionary<string, int>();
        var (strong, began) = (0, default(Word));
        foreach (var (word, rule) in Hits(sentence.Words))
        {
            if (weights.Count > 0 && word.Place - began.Place > Together)
            {
                clusters.Add((began.Line, weights.Values.Sum()));
                strong += weights.Values.Sum() >= InstructionRule.Strong ? 1 : 0;
                weights.Clear();
                if (strong >= StrongClusters)
                {
                    break;
                }
            }
            began = weights.Count == 0 ? word : began;
            weights[rule.Name] = Math.Max(rule.Weight, weights.GetValueOrDefault(rule.Name));
        }
        if (weights.Count > 0)
        {
            clusters.Add((began.Line, weights.Values.Sum()));
        }
        return clusters.ToImmutable();
    }

    private static IEnumerable<(Word Word, InstructionRule Rule)> Hits(IReadOnlyList<Word> words)
    {
        for (var at = 0; at < words.Count; at++)
        {
            foreach (var rule in InstructionRule.All)
            {
                if ((words[at].Concepts & rule.Steps[0].Any) != 0 && !Follows(words, at, rule.NotAfter) && Holds(words, at, rule, 1))
                {
                    yield return (words[at], rule);
                }
            }
        }
    }

    private static bool Holds(IReadOnlyList<Word> words, int at, InstructionRule rule, int step)
    {
        if (step == rule.Steps.Length)
        {
            return true;
        }
        for (var next = at + 1; next < words.Count && words[next].Place - words[at].Place <= rule.Steps[step].Within; next++)
        {
            if ((words[next].Concepts & rule.Steps[step].Any) != 0 && Holds(words, next, rule, step + 1))
            {
                return true;
            }
        }
        return false;
    }

    private static bool Follows(IReadOnlyList<Word> words, int at, Concepts before) =>
        at > 0 && words[at].Place - words[at - 1].Place == 1 && (words[at - 1].Concepts & before) != 0;
}
