using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Audit;

internal static class LedgerServices
{
    /// <summary>A ledger over the test's database, with its signatures.</summary>
    public static void AddLedger(this IServiceCollection services, TestDatabase database, ILedgerStore? rows = null) => services
        .AddSingleton(rows ?? database.Ledger).AddSingleton(database.Tiles).AddSingleton(database.Checkpoints)
        .AddSingleton<ICheckpointCopy>(new CheckpointFolder(database.In("checkpoints")))
        .AddSingleton<IWitnessMemory>(new WitnessFolder(database.In("witness")))
        .AddSingleton<CheckpointKeys>().AddSingleton<LedgerCheck>()
        .AddSingleton<IBlobStore, MemoryBlobs>().AddSingleton<LedgerDocuments>().AddSingleton<Witness>().AddSingleton(OutsideKeys.None);
}
