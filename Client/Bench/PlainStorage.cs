using Maestro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace Maestro.Bench;

/// <summary>Orleans' own persistence as it comes, the yardstick: no signature, and nothing of it in the ledger.</summary>
internal static class PlainStorage
{
    private const string Name = "bench";

    public static void AddPlainStorage(this IServiceCollection services)
    {
        services.AddOptions<AdoNetGrainStorageOptions>(Name).Configure<OrleansDatabase, Serializer>((options, database, serializer) =>
            (options.Invariant, options.DataSource, options.GrainStorageSerializer) =
            (database.Invariant, database.Source, new OrleansGrainStorageSerializer(serializer)));
        services.AddAdoNetGrainStorage(Name, (OptionsBuilder<AdoNetGrainStorageOptions> _) => { });
    }
}
