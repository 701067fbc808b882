using Maestro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;

namespace Maestro.Rows;

/// <summary>What grains keep, each row signed by its role.</summary>
internal static class RowRegistration
{
    /// <summary>The name of the rows as the database has them; what grains ask for is the signed ones.</summary>
    public const string Stored = "rows";

    public static void AddRows(this ISiloBuilder silo)
    {
        silo.Services.AddOptions<AdoNetGrainStorageOptions>(Stored).Configure<OrleansDatabase>((options, database) =>
            (options.Invariant, options.DataSource, options.GrainStorageSerializer) = (database.Invariant, database.Source, new StoredRowSerializer()));
        silo.AddAdoNetGrainStorage(Stored, (OptionsBuilder<AdoNetGrainStorageOptions> _) => { });
        silo.Services.AddSingleton<RowLedger>().TryAddSingleton<RowRule>(fault => fault);
        silo.Services.AddKeyedSingleton<IGrainStorage>("maestro", (provider, _) =>
            ActivatorUtilities.CreateInstance<SignedRows>(provider, provider.GetRequiredKeyedService<IGrainStorage>(Stored)));
    }
}
