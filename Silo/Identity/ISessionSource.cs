namespace Maestro.Identity;

/// <summary>The session that the person of a console has now.</summary>
internal interface ISessionSource
{
    /// <summary>One that is good for a while yet, renewed where that needs nobody; null where the silo asks for none, or there is none.</summary>
    ValueTask<string?> CurrentAsync();
}
