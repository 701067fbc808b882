using Maestro.Storage;

namespace Maestro.Hosting;

/// <summary>Every deployment gets its turn, and the newest get theirs every time.</summary>
public sealed class HeadRoundsTests : IDisposable
{
    private readonly Database _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task All_are_looked_at_in_turn_and_the_newest_always()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var log = new SqliteDeploymentLog(_database.Source);
        for (var number = 1; number <= 55; number++)
        {
            var append = Database.Append(Database.Deployment(number), 1);
            Assert.True(await log.AppendAsync(append with { Head = append.Head with { UpdatedAt = Database.Noon.AddMinutes(number) } }, cancellation));
        }
        var rounds = new HeadRounds(log, newest: 5, others: 10);
        var seen = new List<int>();
        for (var round = 0; round < 12; round++)
        {
            var heads = await rounds.NextAsync(cancellation);
            Assert.True(heads.Length <= 15);
            Assert.Equal([55, 54, 53, 52, 51], heads.Take(5).Select(head => head.Deployment.Number));
            seen.AddRange(heads.Skip(5).Select(head => head.Deployment.Number));
        }
        Assert.Equal(Enumerable.Range(1, 50), seen.Distinct().Order());
        Assert.All(seen.GroupBy(number => number), times => Assert.Equal(2, times.Count()));
    }
}
