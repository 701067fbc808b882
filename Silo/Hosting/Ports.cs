using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Maestro.Hosting;

/// <summary>Ports of the loopback.</summary>
internal static class Ports
{
    /// <summary>The lowest that is given out.</summary>
    public const int Lowest = 20_000;

    /// <summary>One more than the highest: from here on Linux gives ports to outgoing connections, unasked.</summary>
    public const int End = 32_768;

    private static int _turn = RandomNumberGenerator.GetInt32(End - Lowest);

    /// <summary>
    /// One that nobody listens on now and that this process was not given lately. Whoever asks for it listens later, so a port
    /// that the system itself would choose could by then belong to somebody's outgoing connection.
    /// </summary>
    /// <exception cref="SocketException">All are taken.</exception>
    public static int Free()
    {
        for (var tries = Lowest; tries < End; tries++)
        {
            var port = Lowest + (int)((uint)Interlocked.Increment(ref _turn) % (End - Lowest));
            if (IsFree(port))
            {
                return port;
            }
        }
        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    /// <summary>Whether nobody listens on it now.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
