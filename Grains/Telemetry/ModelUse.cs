namespace Maestro.Telemetry;

/// <summary>What a model was asked and answered, counted in tokens.</summary>
public static class ModelUse
{
    /// <param name="model">One of a few configured names.</param>
    public static void Note(string model, long read, long written)
    {
        var name = new KeyValuePair<string, object?>("model", model);
        Instruments.ModelTokens.Add(read, name, new("direction", "input"));
        Instruments.ModelTokens.Add(written, name, new("direction", "output"));
    }
}
