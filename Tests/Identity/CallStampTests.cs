using Maestro.Deployments;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Maestro.Identity;

public sealed class CallStampTests : IDisposable
{
    private static readonly GrainId Target = GrainId.Create("deployment", "pr/local/acme/shop/42");
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer(serializer => serializer.AddAssembly(typeof(CallStamp).Assembly))
        .BuildServiceProvider();

    private int _signed;

    [Fact]
    public void Within_the_process_it_is_the_same_object_and_nothing_is_signed()
    {
        var stamp = Make();

        var carried = _services.GetRequiredService<DeepCopier>().Copy(new Dictionary<string, object> { ["call"] = stamp })["call"];

        Assert.Same(stamp, carried);
        Assert.Equal(0, _signed);
        Assert.True(stamp.TryUse());
        Assert.False(stamp.TryUse());
    }

    [Fact]
    public void What_comes_from_another_process_is_only_a_token()
    {
        var serializer = _services.GetRequiredService<Serializer>();

        var arrived = (CallStamp)serializer.Deserialize<object>(serializer.SerializeToArray<object>(Make()))!;

        Assert.Null(arrived.Local);
        Assert.Equal(1, _signed);
        Assert.Equal(2, arrived.Text.Split('.').Length);
    }

    public void Dispose() => _services.Dispose();

    private CallStamp Make() => new(
        _ =>
        {
            _signed++;
            return "signature";
        },
        new("role:control", "maestro.IDeploymentGrain/WakeAsync", Target, [], DeploymentId.Parse("pr/local/acme/shop/42").ToString(),
            TimeProvider.System.GetUtcNow()),
        TimeProvider.System, () => null);
}
