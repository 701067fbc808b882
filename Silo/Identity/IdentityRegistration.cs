using System.Collections.Immutable;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Maestro.Identity;

/// <summary>Where identity is kept, and who this silo is.</summary>
/// <param name="Keys">The folder of keys, see <see cref="FileKeyring"/>.</param>
/// <param name="Roster">The roster's file.</param>
/// <param name="Roles">The roles whose private keys this silo holds.</param>
/// <param name="Standing">The role of code outside of grains; one of <paramref name="Roles"/>.</param>
/// <param name="Root">The root's public key where it is pinned; null believes <c>root.pub</c> in the folder of keys.</param>
internal sealed record IdentitySettings(
    string Keys, string Roster, ImmutableArray<Role> Roles, Role Standing = Role.Control, string? Root = null);

/// <summary>Wires identity into a silo or a client.</summary>
internal static class IdentityRegistration
{
    /// <summary>Keys, roster, and the filters that sign every call and admit only those that are named.</summary>
    public static ISiloBuilder AddIdentity(this ISiloBuilder silo, IdentitySettings settings)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton(services => new RosterFile(
            settings.Roster, settings.Root ?? KeyRegistry.RootOf(settings.Keys), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<RosterFile>>()));
        silo.Services.TryAddSingleton<IDirectory>(services => services.GetRequiredService<RosterFile>());
        silo.Services.TryAddSingleton(services => FileKeyring.Open(
            settings.Keys, settings.Root ?? KeyRegistry.RootOf(settings.Keys), settings.Roles, services.GetRequiredService<IDirectory>(),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<FileKeyring>>()));
        silo.Services.TryAddSingleton<IKeyring>(services => services.GetRequiredService<FileKeyring>());
        silo.Services.TryAddSingleton<ICallSeals, CallSeals>();
        silo.Services.AddSingleton<CalledRoles>().AddSingleton<SealedAnswers>();
        silo.Services.AddSingleton(_ => new TrustFolder(settings.Keys, settings.Roster, settings.Root ?? KeyRegistry.RootOf(settings.Keys)));
        silo.Services.AddSingleton(_ => Audit.LedgerOrigin.Of(settings.Root ?? KeyRegistry.RootOf(settings.Keys)));
        silo.Services.AddSingleton<ISignedRecords>(new SignedRecordFiles(settings.Keys, settings.Roster));
        silo.Services.TryAddSingleton<IDenials, LoggedDenials>();
        silo.Services.AddSingleton(new StandingRole(settings.Standing)).AddSingleton<CallArguments>();
        silo.Services.TryAddSingleton<ISessions, NoSessions>();
        silo.Services.AddSingleton<SessionCheck>();
        silo.AddOutgoingGrainCallFilter<OutgoingIdentity>();
        return silo.AddIncomingGrainCallFilter<Admission>();
    }

    /// <summary>Every call of this client is signed with the person's key, and carries the person's session.</summary>
    /// <param name="sessions">Null where the silo asks for none.</param>
    public static IClientBuilder AddIdentity(this IClientBuilder client, PersonKey person, ISessionSource? sessions = null)
    {
        client.Services.TryAddSingleton(TimeProvider.System);
        client.Services.AddSingleton(person).AddSingleton<CallArguments>();
        if (sessions is not null)
        {
            client.Services.AddSingleton(sessions);
        }
        return client.AddOutgoingGrainCallFilter<PersonCalls>();
    }
}
