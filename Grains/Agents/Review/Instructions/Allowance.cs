namespace Maestro.Agents.Review.Instructions;

/// <summary>A number of characters that may be spent.</summary>
internal sealed class Allowance(int characters)
{
    private int _left = characters;

    public bool IsSpent => _left < 0;

    public bool Take(int count)
    {
        _left -= count;
        return _left >= 0;
    }
}
