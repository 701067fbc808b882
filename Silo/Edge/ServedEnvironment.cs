namespace Maestro.Edge;

/// <summary>One environment in the running edge: what is stored about it, its traffic and its port.</summary>
internal sealed class ServedEnvironment(StoredRoute route)
{
    private Task _closing = Task.CompletedTask;

    public StoredRoute Route { get; private set; } = route;

    public Traffic Traffic { get; } = new();

    /// <summary>The open port; null while none was opened, or while another process holds it.</summary>
    public EdgePort? Open { get; private set; }

    public bool Listens => Open is not null || Route.Port == 0;

    /// <summary>Takes over what is durable now. An instance gets a destination of its own, even at an old address.</summary>
    public void Take(StoredRoute stored)
    {
        var moved = (stored.Effect, stored.Address) != (Route.Effect, Route.Address);
        Route = stored;
        if (moved)
        {
            Resume();
        }
    }

    public void Resume() => Traffic.SendTo(Route is { Effect: { } effect, Address: { } address } ? new Destination(effect, address) : null);

    public void Listen(EdgePort port)
    {
        var before = Open;
        Open = port;
        if (before is not null)
        {
            _closing = Task.WhenAll(_closing, before.CloseAsync());
        }
    }

    public async Task CloseAsync()
    {
        if (Open is not null)
        {
            await Open.CloseAsync();
        }
        await _closing;
    }
}
