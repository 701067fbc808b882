namespace Maestro.Edge;

public sealed class TrafficTests
{
    [Fact]
    public async Task Once_a_replaced_instance_is_read_as_empty_no_request_reaches_it()
    {
        var traffic = new Traffic();
        var closed = new bool[2000];
        traffic.SendTo(Instance(0));
        var late = 0;
        var ends = 0;
        var users = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (Volatile.Read(ref ends) == 0)
            {
                var instance = traffic.Enter()!;
                if (Volatile.Read(ref closed[int.Parse(instance.Effect, null)]))
                {
                    Interlocked.Increment(ref late);
                }
                instance.Leave();
            }
        }, TestContext.Current.CancellationToken)).ToArray();

        for (var n = 1; n < closed.Length; n++)
        {
            traffic.SendTo(Instance(n));
            SpinWait.SpinUntil(() => traffic.InFlight($"{n - 1}") == 0);
            Volatile.Write(ref closed[n - 1], true);
        }
        Volatile.Write(ref ends, 1);
        await Task.WhenAll(users);

        Assert.Equal(0, late);
    }

    [Fact]
    public void An_effect_that_serves_again_is_not_mixed_up_with_its_first_time()
    {
        var traffic = new Traffic();
        traffic.SendTo(Instance(1));
        var first = traffic.Enter()!;
        traffic.SendTo(Instance(2));
        traffic.SendTo(Instance(1));
        var second = traffic.Enter()!;

        Assert.NotSame(first, second);
        Assert.Equal(2, traffic.InFlight("1"));
        first.Leave();
        Assert.Equal(1, traffic.InFlight("1"));
        second.Leave();
        Assert.Equal(0, traffic.InFlight("1"));
    }

    [Fact]
    public void Where_nothing_serves_nobody_enters() => Assert.Null(new Traffic().Enter());

    private static Destination Instance(int number) => new($"{number}", new Uri("http://127.0.0.1:9/"));
}
