using System.Net;
using System.Net.Sockets;

namespace Maestro.Hosting;

public sealed class PortsTests
{
    [Fact]
    public void A_port_is_not_given_out_twice_and_none_is_one_that_an_outgoing_connection_could_take()
    {
        var given = Enumerable.Range(0, 200).AsParallel().Select(_ => Ports.Free()).ToList();

        Assert.Equal(given.Count, given.Distinct().Count());
        Assert.All(given, port => Assert.InRange(port, Ports.Lowest, Ports.End - 1));
    }

    [Fact]
    public void A_port_that_somebody_listens_on_is_not_free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, Ports.Free());
        listener.Start();

        Assert.False(Ports.IsFree(((IPEndPoint)listener.LocalEndpoint).Port));
    }
}
