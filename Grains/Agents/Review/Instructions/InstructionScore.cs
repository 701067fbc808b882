using System.Collections.Immutable;

namespace Maestro.Agents.Review.Instructions;

/// <summary>How much a text reads like an order to the one who reviews it.</summary>
internal static class InstructionScore
{
    /// <summary>Hits within so many words of one another are about the same.</summary>
    private const int Together = 50;

    private const int ClustersKept = 10;

    /// <summary>The lines at which orders begin, with the sum of the weights of the different rules that hold there.</summary>
    public static ImmutableArray<(int Line, int Score)> Of(Sentence sentence)
    {
        var hits = new List<(int Place, int Line, string Rule, int Weight)>();
        var words = sentence.Words;
        for (var at = 0; at < words.Count; at++)
        {
            foreach (var rule in InstructionRule.All)
            {
                if ((words[at].Concepts & rule.Steps[0].Any) != 0 && !Follows(words, at, rule.NotAfter) && Holds(words, at, rule, 1))
                {
                    hits.Add((words[at].Place, words[at].Line, rule.Name, rule.Weight));
                }
            }
        }
        return Clusters(hits);
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

    private static ImmutableArray<(int Line, int Score)> Clusters(List<(int Place, int Line, string Rule, int Weight)> hits)
    {
        var clusters = ImmutableArray.CreateBuilder<(int, int)>();
        for (int from = 0, to = 0; from < hits.Count && clusters.Count < ClustersKept; from = to)
        {
            var weights = new Dictionary<string, int>();
            for (to = from; to < hits.Count && hits[to].Place - hits[from].Place <= Together; to++)
            {
                weights[hits[to].Rule] = Math.Max(hits[to].Weight, weights.GetValueOrDefault(hits[to].Rule));
            }
            clusters.Add((hits[from].Line, weights.Values.Sum()));
        }
        return clusters.ToImmutable();
    }
}
