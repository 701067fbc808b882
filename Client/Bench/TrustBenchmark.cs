using System.Diagnostics;
using System.Globalization;
using Maestro.Audit;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Bench;

/// <summary>What believing nobody costs: durable steps with and without the identity of calls, and a signed message for each step.</summary>
internal sealed class TrustBenchmark : IBenchmark
{
    private const int InFlight = 64;
    private const int Deployments = 1000;
    private const int AtOnce = 200;
    private const double AtMostSlower = 1 / 1.15;

    public string Name => "trust";

    public string About => "what identity, signed messages and the ledger cost the durable steps of 1,000 deployments";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var database = await place.DatabaseAsync(cancellation);
        await using var guarded = await place.SiloAsync("guarded", database, BenchSilo.Quiet);
        await using var open = await place.SiloAsync("open", await place.DatabaseAsync(cancellation), Unguarded);
        var (with, told, without) = (new List<Pace>(), new List<Pace>(), new List<Pace>());
        for (var round = -1; round < place.Rounds; round++)
        {
            var paces = (await AloneAsync(open, _ => { }), await AloneAsync(guarded, _ => { }), await AloneAsync(guarded, silo => Tell(silo, place)));
            // In the first round whoever is first pays for what is compiled and opened then.
            if (round >= 0)
            {
                without.Add(paces.Item1);
                with.Add(paces.Item2);
                told.Add(paces.Item3);
            }
        }
        // What was measured before still has facts to chain, and must not be paid for by whoever comes after it.
        async Task<Pace> AloneAsync(BenchSilo silo, Action<BenchSilo> before)
        {
            await DrainAsync(guarded);
            await DrainAsync(open);
            return await StepsAsync(silo, place, before, cancellation);
        }

        var bare = new Yardstick("without identity", Pace.Middle(without).PerSecond);
        yield return new("steps with identity", Pace.Middle(with).PerSecond, "steps/s", bare, Asked.Times(AtMostSlower));
        yield return new("and a message for each", Pace.Middle(told).PerSecond, "steps/s", bare, Asked.Times(AtMostSlower));
        yield return new("until the ledger has them", await ChainedAsync(guarded, place, database, cancellation), "steps/s", bare);
        var (sealing, signing) = (new List<double>(), new List<double>());
        for (var round = 0; round < 10 * place.Rounds; round++)
        {
            sealing.Add(Seal(guarded.Services));
            signing.Add(Sign(guarded.Services));
        }
        yield return new("a call sealed and checked", Pace.Middle(sealing), "µs", new("signed and verified", Pace.Middle(signing)));
    }

    // Calls are neither stamped nor looked at.
    private static void Unguarded(IServiceCollection services)
    {
        BenchSilo.Quiet(services);
        var filters = services.Where(service => service.ImplementationType == typeof(Admission) || service.ImplementationType == typeof(OutgoingIdentity));
        filters.ToList().ForEach(filter => services.Remove(filter));
    }

    private static async Task<Pace> StepsAsync(BenchSilo silo, BenchPlace place, Action<BenchSilo> before, CancellationToken cancellation)
    {
        IStepGrain[] grains = [.. Enumerable.Range(1, Deployments).Select(one => silo.Grains.GetGrain<IStepGrain>(Key(one)))];
        var turns = new int[InFlight];
        Pace? pace = null;
        await silo.AsAsync(Role.Control, async _ =>
        {
            foreach (var group in grains.Chunk(InFlight))
            {
                await Task.WhenAll(group.Select(grain => grain.OpenAsync()));
            }
            pace = await Crowd.RunAsync(
                InFlight, place.Each,
                one =>
                {
                    before(silo);
                    // Each works through deployments of its own, one step at a time.
                    var next = one + InFlight * turns[one]++;
                    return grains[next < Deployments ? next : one + InFlight * (turns[one] = 0)].StepAsync();
                },
                cancellation);
        });
        return pace!;
    }

    private static string Key(int one) => string.Create(CultureInfo.InvariantCulture, $"pr/local/bench/steps/{one}");

    // An order signed and verified whole, as for an answer of an agent: a stage has two entries in the log, and an order and an answer.
    private static void Tell(BenchSilo silo, BenchPlace place)
    {
        var envelope = Dsse.FromBytes(Dsse.ToBytes(MessagesBenchmark.Order(silo, place)));
        _ = Statements.Open<WorkOrder>(silo.Services.GetRequiredService<IKeyring>(), Role.Control, envelope, PredicateTypes.WorkOrder).Predicate;
    }

    // The clock stops when the last fact of the last step is in the ledger.
    private static async Task<double> ChainedAsync(BenchSilo silo, BenchPlace place, string database, CancellationToken cancellation)
    {
        await DrainAsync(silo);
        var began = await BenchPlace.NumberAsync(database, "SELECT count(*) FROM ledger", cancellation);
        var started = Stopwatch.GetTimestamp();
        await StepsAsync(silo, place, _ => { }, cancellation);
        await DrainAsync(silo);
        var took = Stopwatch.GetElapsedTime(started);
        return (await BenchPlace.NumberAsync(database, "SELECT count(*) FROM ledger", cancellation) - began) / took.TotalSeconds;
    }

    private static Task DrainAsync(BenchSilo silo) => silo.AsAsync(Role.Control, async grains =>
    {
        for (var isDrained = false; !isDrained;)
        {
            try
            {
                await grains.GetGrain<ILedgerGrain>("ledger/main").DrainAsync();
                isDrained = true;
            }
            catch (TimeoutException)
            {
                // What the rounds before have left takes longer than one call may; it goes on meanwhile.
            }
        }
    });

    private static double Seal(IServiceProvider services)
    {
        var (seals, message) = (services.GetRequiredService<ICallSeals>(), new byte[300]);
        return Microseconds(() => seals.SenderOf(seals.Seal(Role.Control, Role.Deployment, message)!, Role.Control, Role.Deployment, message) is not null);
    }

    private static double Sign(IServiceProvider services)
    {
        var (keyring, message) = (services.GetRequiredService<IKeyring>(), new byte[300]);
        return Microseconds(() => keyring.Verify(Role.Control, message, keyring.Sign(Role.Control, message)));
    }

    private static double Microseconds(Func<bool> act)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var one = 0; one < AtOnce; one++)
        {
            if (!act())
            {
                throw new InvalidOperationException("What was said between two silos was not believed.");
            }
        }
        return Stopwatch.GetElapsedTime(begun).TotalMicroseconds / AtOnce;
    }
}
