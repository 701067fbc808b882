using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Maestro.Anomalies;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;
using NSec.Cryptography;

namespace Maestro.Bench;

/// <summary>Checking one message whole, as a receiver does before it uses it, beside the bare library verifying one signature.</summary>
internal sealed class MessagesBenchmark : IBenchmark
{
    private const int AtOnce = 200;
    private const int WarmUp = 10;
    private const int Crowded = 64;

    private static readonly DeploymentId Deployment = DeploymentId.Of("local", "bench", "messages", 1);

    private long _kept;

    public string Name => "messages";

    public string About => "checking one signed message whole, and making its nonce durable on PostgreSQL";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var silo = await place.SiloAsync("messages", await place.DatabaseAsync(cancellation), BenchSilo.Quiet);
        var (checkedOnes, bare, counted) = (new List<double>(), new List<double>(), new List<double>());
        for (var warm = 0; warm < WarmUp; warm++)
        {
            await CheckAsync(silo, place);
        }
        for (var round = 0; round < place.Rounds; round++)
        {
            // Measurement and yardstick take turns within the round, so that both meet the same neighbours.
            var (check, verify, count) = (new List<double>(), new List<double>(), new List<double>());
            for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < place.Each;)
            {
                cancellation.ThrowIfCancellationRequested();
                check.Add(await CheckAsync(silo, place));
                verify.Add(Verify());
                count.Add(Count(silo, place));
            }
            checkedOnes.Add(Pace.Middle(check));
            bare.Add(Pace.Middle(verify));
            counted.Add(Pace.Middle(count));
        }
        yield return new("one message checked", Pace.Middle(checkedOnes), "µs", new("bare Ed25519", Pace.Middle(bare)), Asked.Most(200));
        yield return new("counting it for the watch", Pace.Middle(counted), "µs");
        var store = silo.Services.GetRequiredService<INonceStore>();
        var (alone, crowd) = (await KeepAsync(store, 1, place, cancellation), await KeepAsync(store, Crowded, place, cancellation));
        yield return new("one nonce durable, alone", alone.P50, "ms");
        yield return new("one nonce durable, 64 at once", crowd.P50, "ms");
    }

    // Envelope, signature, statement, binding, nonce, cut-off and count: everything but the row, which waits for a disk and takes no processor.
    private static async Task<double> CheckAsync(BenchSilo silo, BenchPlace place)
    {
        var (keyring, memory) = (silo.Services.GetRequiredService<IKeyring>(), new NonceMemory(place.Time));
        // No silo sends as fast as this, and one that did would be cut off.
        var watch = new SenderWatch(
            silo.Grains, silo.Services.GetRequiredService<IOrigins>(), new SenderBounds { PerSecond = 10_000_000 }, place.Time);
        var reception = new Reception(MessageCheck.Check, new NoStore(), watch, silo.Services.GetRequiredService<Refusals>(), place.Time);
        var bytes = Enumerable.Range(0, AtOnce).Select(_ => Dsse.ToBytes(Order(silo, place))).ToArray();
        var expected = new MessageExpectation(Role.Review, Deployment);
        watch.Know(Role.Review, []);
        var begun = Stopwatch.GetTimestamp();
        foreach (var one in bytes)
        {
            var envelope = Dsse.FromBytes(one);
            var order = Statements.Open<WorkOrder>(keyring, Role.Control, envelope, PredicateTypes.WorkOrder).Predicate;
            await reception.AdmitAsync(Role.Control, Deployment.ToString(), envelope, order, expected, memory);
        }
        return Stopwatch.GetElapsedTime(begun).TotalMicroseconds / AtOnce;
    }

    private static double Verify()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519);
        var message = new byte[1200];
        var signature = SignatureAlgorithm.Ed25519.Sign(key, message);
        var begun = Stopwatch.GetTimestamp();
        for (var one = 0; one < AtOnce; one++)
        {
            if (!SignatureAlgorithm.Ed25519.Verify(key.PublicKey, message, signature))
            {
                throw new InvalidOperationException("A good signature did not verify.");
            }
        }
        return Stopwatch.GetElapsedTime(begun).TotalMicroseconds / AtOnce;
    }

    private static double Count(BenchSilo silo, BenchPlace place)
    {
        var (watch, binding) = (silo.Services.GetRequiredService<SenderWatch>(), Bind(silo, place));
        var begun = Stopwatch.GetTimestamp();
        for (var one = 0; one < AtOnce; one++)
        {
            watch.Took(Role.Deployment, Role.Control, binding, 1200);
        }
        return Stopwatch.GetElapsedTime(begun).TotalMicroseconds / AtOnce;
    }

    private Task<Pace> KeepAsync(INonceStore store, int crowd, BenchPlace place, CancellationToken cancellation) => Crowd.RunAsync(
        crowd, place.Each, async _ => await store.UseAsync(string.Create(CultureInfo.InvariantCulture, $"bench {Interlocked.Increment(ref _kept)}"),
            Nonce.Fresh(), place.Time.GetUtcNow().AddMinutes(10)), cancellation);

    internal static Envelope Order(BenchSilo silo, BenchPlace place)
    {
        var need = Digest.Of("need"u8);
        var needs = ImmutableDictionary<string, Digest>.Empty.Add("RollbackRehearsed", need).Add("ProductionPlanned", need);
        var order = new WorkOrder(Bind(silo, place), OrderKind.Ask, needs, need);
        return Statements.Sign(
            silo.Services.GetRequiredService<IKeyring>(), Role.Control, PredicateTypes.WorkOrder, [Subject.Of(order.Binding.Effect, need)], order);
    }

    private static Binding Bind(BenchSilo silo, BenchPlace place) => Binding.Of(Deployment, 1, Stage.Review, 1, Role.Review, place.Time) with
    {
        Silo = silo.Services.GetRequiredService<IOrigins>().Here,
    };

    private sealed class NoStore : INonceStore
    {
        public Task<bool> UseAsync(string receiver, string nonce, DateTimeOffset until) => Task.FromResult(true);

        public Task<int> ForgetAsync(DateTimeOffset before, int count, CancellationToken cancellation) => Task.FromResult(0);
    }
}
