namespace Maestro.Outside.Infrastructure;

/// <summary>How much one environment may declare.</summary>
/// <param name="Resources">Resources, with the directories that files imply.</param>
/// <param name="ContentBytes">Bytes of one file's content.</param>
/// <param name="DeclarationBytes">Bytes of one declaring file.</param>
internal sealed record DeclarationLimits(int Resources = 200, int ContentBytes = 256 * 1024, int DeclarationBytes = 2 * 1024 * 1024);
