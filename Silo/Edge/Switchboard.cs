using System.Collections.Concurrent;
using System.Collections.Immutable;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Edge;

/// <summary>Switches environments between releases, one switch at a time: compare, make durable, only then send traffic.</summary>
internal sealed partial class Switchboard(
    RoutingFile file, EdgeJournal journal, EdgeRules rules, LeaseGate gate, TimeProvider time, ILogger<Switchboard> logger) : IAsyncDisposable
{
    private const int MostEnvironments = 256;

    private readonly ConcurrentDictionary<string, ServedEnvironment> _environments = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private readonly Forwarding _forwarding = new();

    public Route Read(string environment) =>
        _environments.TryGetValue(environment, out var served) ? served.Route.ToRoute() : new(null, null, 0);

    public int InFlight(string environment, string effect) =>
        _environments.TryGetValue(environment, out var served) ? served.Traffic.InFlight(effect) : 0;

    public ImmutableArray<RouteLine> List() =>
    [
        .. _environments.Values.Select(served => (served.Route, served.Listens))
            .OrderBy(each => each.Route.Environment, StringComparer.Ordinal)
            .Select(each => new RouteLine(
                each.Route.Environment, each.Route.Port, each.Route.Token, each.Route.Effect, each.Route.Address, each.Listens)),
    ];

    /// <summary>Goes on with exactly what the routing file says.</summary>
    /// <exception cref="RefusedException">The routing file is damaged, or older than the journal.</exception>
    public async Task ResumeAsync()
    {
        var journaled = journal.Switches();
        var routes = file.Read().ToImmutableDictionary(route => route.Environment);
        foreach (var (environment, switches) in journaled)
        {
            var known = routes.GetValueOrDefault(environment)?.Last?.Number ?? 0;
            // The file is durable before the journal has the line, so an older file was put there by somebody, with older tokens.
            if (known < switches)
            {
                throw file.Damaged($"{known} switches of {environment}, of which the journal has {switches}");
            }
        }
        foreach (var route in routes.Values)
        {
            var served = _environments[route.Environment] = new ServedEnvironment(route);
            served.Resume();
            if (route.Last is { } last && last.Number > journaled.GetValueOrDefault(route.Environment))
            {
                journal.Append(last);
            }
        }
        await OpenMissingPortsAsync();
    }

    /// <summary>Tries again to open the ports that other processes held.</summary>
    public async Task OpenMissingPortsAsync()
    {
        foreach (var served in _environments.Values.Where(served => !served.Listens))
        {
            await _turn.WaitAsync();
            try
            {
                if (!served.Listens)
                {
                    served.Listen(await EdgePort.OpenAsync(served.Route.Port, served.Traffic, _forwarding));
                    _missing.Remove(served.Route.Environment);
                }
            }
            catch (IOException e)
            {
                if (_missing.Add(served.Route.Environment))
                {
                    PortIsTaken(served.Route.Environment, served.Route.Port, e.Message);
                }
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <exception cref="RefusedException">The token is old, something else is served, or the port cannot be opened.</exception>
    public async Task<Route> SwitchAsync(SwitchRequest request, CancellationToken cancellation)
    {
        SwitchRequestRules.Check(request, rules);
        await _turn.WaitAsync(cancellation);
        try
        {
            return await SwitchInTurnAsync(request);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_environments.Values.Select(served => served.CloseAsync()));
        _forwarding.Dispose();
        _turn.Dispose();
    }

    private async Task<Route> SwitchInTurnAsync(SwitchRequest request)
    {
        var served = _environments.GetValueOrDefault(request.Environment)
            ?? new ServedEnvironment(StoredRoute.Unknown(request.Environment));
        var found = served.Route;
        if (!_environments.ContainsKey(request.Environment) && _environments.Count >= MostEnvironments)
        {
            throw EdgeRefusals.TooMany(MostEnvironments);
        }
        DemandLease(request, found);
        if (!rules.Admits(request.Token, found.Token))
        {
            Journal(request, found, EdgeRefusals.TokenOld);
            throw EdgeRefusals.OldToken(request, found);
        }
        if (found.Effect != request.Target && found.Effect != request.Expected)
        {
            Remember(served, found with { Token = Math.Max(found.Token, request.Token) });
            Journal(request, found, EdgeRefusals.NotExpected);
            throw EdgeRefusals.Unexpected(request, found);
        }
        var line = await CarryOutAsync(served, request);
        Attempted(line.Outcome, request.Environment, line.Found, line.Target, request.Token);
        return served.Route.ToRoute();
    }

    // Before the token is remembered: without a lease nobody even fences others off.
    private void DemandLease(SwitchRequest request, StoredRoute found)
    {
        try
        {
            gate.Demand(request.Lease, new SwitchUse(
                request.Environment, request.Port, request.Token, found.Effect, found.Address, found.Port, request.Target, request.Address));
        }
        catch (RefusedException)
        {
            Journal(request, found, EdgeRefusals.NoLease);
            throw;
        }
    }

    private async Task<JournalLine> CarryOutAsync(ServedEnvironment served, SwitchRequest request)
    {
        var found = served.Route;
        var port = await OpenAsync(served, request);
        // An instance that was started again has its old name and a new address: the name is served, but traffic must move.
        var already = found.Effect == request.Target && found.Address == request.Address;
        var line = LineOf(request, found, already ? "already" : "switched");
        try
        {
            Remember(served, new(request.Environment, request.Port, Math.Max(found.Token, request.Token), request.Target, request.Address,
                already ? found.Last : line));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && port is not null)
        {
            await port.CloseAsync();
            throw;
        }
        if (port is not null)
        {
            served.Listen(port);
        }
        journal.Append(line);
        return line;
    }

    /// <summary>The port that this request needs and that is not open yet; null where the environment listens there already.</summary>
    private async Task<EdgePort?> OpenAsync(ServedEnvironment served, SwitchRequest request)
    {
        var found = served.Route;
        if (request.Address?.Port is { } target && (target == request.Port || _environments.Values.Any(each => each.Route.Port == target)))
        {
            throw EdgeRefusals.Loop(request);
        }
        if (found.Port == request.Port && served.Open is not null)
        {
            return null;
        }
        // Also where the other one cannot open it at the moment: staging, which needs no lease, must not take production's port.
        if (_environments.Values.FirstOrDefault(each => each.Route.Port == request.Port && each != served)?.Route.Environment is { } other)
        {
            Journal(request, found, EdgeRefusals.PortInUse);
            throw EdgeRefusals.TakenPort(request, $"it is the port of {other}");
        }
        try
        {
            return await EdgePort.OpenAsync(request.Port, served.Traffic, _forwarding);
        }
        catch (IOException e)
        {
            Journal(request, found, EdgeRefusals.PortInUse);
            throw EdgeRefusals.TakenPort(request, e.Message.TrimEnd('.'));
        }
    }

    private void Remember(ServedEnvironment served, StoredRoute route)
    {
        if (route == served.Route)
        {
            return;
        }
        file.Write(_environments.Values.Select(each => each.Route).Where(each => each.Environment != route.Environment).Append(route));
        served.Take(route);
        _environments[route.Environment] = served;
    }

    private void Journal(SwitchRequest request, StoredRoute found, string outcome)
    {
        journal.Append(LineOf(request, found, outcome));
        Attempted(outcome, request.Environment, found.Effect, request.Target, request.Token);
    }

    private JournalLine LineOf(SwitchRequest request, StoredRoute found, string outcome) => new(time.GetUtcNow(), request.Environment,
        (found.Last?.Number ?? 0) + (outcome == "switched" ? 1 : 0), request.Token, request.Expected, found.Effect,
        request.Target, outcome);

    [LoggerMessage(LogLevel.Information, "{Environment}: {Outcome}, from {Found} to {Target} under token {Token}")]
    private partial void Attempted(string outcome, string environment, string? found, string? target, long token);

    [LoggerMessage(LogLevel.Error, "{Environment} is not served: port {Port} cannot be opened. {Message}")]
    private partial void PortIsTaken(string environment, int port, string message);
}
