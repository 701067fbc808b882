using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Maestro.Hosting;

/// <summary>Exceptions of the database's driver between processes.</summary>
internal static class DriverExceptions
{
    /// <summary>
    /// Lets them pass by name and text. Most of them leave a grain as an <see cref="Outside.OutsideException"/>; what fails while a grain is activated
    /// does not, and without this the one who called would only hear of a missing codec.
    /// </summary>
    public static IServiceCollection AddDriverExceptions(this IServiceCollection services) =>
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add(nameof(Npgsql)));
}
