using Maestro.Deployments;
using Maestro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Maestro.Outside;

public sealed class OutsideExceptionTests
{
    /// <summary>It failed while its grain was activated, so it comes wrapped by Orleans, with the driver's exception inside.</summary>
    [Fact]
    public void A_drivers_exception_inside_another_one_crosses_silos_too()
    {
        using var services = new ServiceCollection().AddSerializer().AddDriverExceptions().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var failure = new OrleansException("no activation", new Npgsql.PostgresException("shutting down", "FATAL", "FATAL", "57P01"));

        var crossed = serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(failure))!;

        Assert.True(Causes.IsOfMaestroItself(crossed));
        Assert.Contains("shutting down", crossed.InnerException!.Message, StringComparison.Ordinal);
    }

    /// <summary>A stage that hears of a grain's broken outside must not take it for a defect of its own.</summary>
    [Fact]
    public void Its_reason_crosses_silos_and_its_cause_stays_behind()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var failure = new OutsideException(
            new Reason("storage.unreachable", "rule", "expected", "found", "way out"), new Npgsql.NpgsqlException("a driver's own"));

        var crossed = (OutsideException)serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(failure))!;
        var copied = (OutsideException)services.GetRequiredService<DeepCopier>().Copy<Exception>(failure);

        Assert.Equal((failure.Reason, null), (crossed.Reason, crossed.InnerException));
        Assert.Equal(failure.Reason, copied.Reason);
        Assert.True(Causes.IsOfMaestroItself(crossed));
    }
}
