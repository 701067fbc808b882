using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Identity;

/// <summary>A silo that gets a grain of another role placed on itself, and answers for it.</summary>
public sealed class SealedAnswerTests
{
    [Fact]
    public async Task Who_lacks_the_role_that_is_called_cannot_answer_for_it()
    {
        await using var cluster = await TestCluster.StartAsync();

        var answers = await AskAsync(cluster, forges: true);

        Assert.DoesNotContain("forged", answers);
        Assert.Contains("answer.unsealed", answers);
        Assert.Contains(cluster.Denials.All, denial => denial is { Code: "answer.unsealed", Found: "an answer without a seal" });
    }

    [Fact]
    public async Task Two_honest_silos_answer_each_other()
    {
        await using var cluster = await TestCluster.StartAsync();

        Assert.All(await AskAsync(cluster, forges: false), answer => Assert.StartsWith("role:deployment for", answer, StringComparison.Ordinal));
    }

    // The control replaced: without seals a call is signed, and any answer to it counts.
    [Fact]
    public async Task Without_seals_its_answer_would_count()
    {
        await using var cluster = await TestCluster.StartAsync(configure: silo => silo.Services.AddSingleton<ICallSeals, NoSeals>());

        Assert.Contains("forged", await AskAsync(cluster, forges: true));
    }

    /// <summary>Calls grains that are placed on two silos, until the second one has taken a call.</summary>
    private static async Task<List<string>> AskAsync(TestCluster cluster, bool forges)
    {
        var second = new Gate(forges);
        await cluster.JoinAsync(silo => silo.Services.Insert(0, ServiceDescriptor.Singleton<IIncomingGrainCallFilter>(second)));
        var answers = new List<string>();
        using var scope = CallerScope.As(Role.Deployment);
        await Eventually.IsTrueAsync(async () =>
        {
            for (var one = 0; one < 20 && second.Taken == 0; one++)
            {
                answers.Add(await AnswerOfAsync(cluster.Silo.GetRequiredService<IGrainFactory>().GetGrain<IInnerGrain>($"inner/{answers.Count}")));
            }
            return second.Taken > 0;
        });
        return answers;
    }

    private static async Task<string> AnswerOfAsync(IInnerGrain inner)
    {
        try
        {
            return await inner.WhoAsync();
        }
        catch (OutsideException refused)
        {
            return refused.Reason.Code;
        }
    }

    /// <summary>Comes before all that a silo of ours does, and has no key.</summary>
    private sealed class Gate(bool forges) : IIncomingGrainCallFilter
    {
        private int _taken;

        public int Taken => Volatile.Read(ref _taken);

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            var isInner = context.InterfaceMethod?.DeclaringType == typeof(IInnerGrain);
            if (isInner && forges)
            {
                context.Result = "forged";
            }
            else
            {
                await context.Invoke();
            }
            if (isInner)
            {
                Interlocked.Increment(ref _taken);
            }
        }
    }
}
