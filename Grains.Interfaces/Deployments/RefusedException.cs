namespace Maestro.Deployments;

/// <summary>A call was refused for the reason it carries. It crosses silos and reaches the console as one sentence.</summary>
[GenerateSerializer, Alias("maestro.refused")]
public sealed class RefusedException : Exception
{
    public RefusedException(Reason reason) : base(reason.ToString()) => Reason = reason;

    public RefusedException() : this(new Reason("refused", "", "", "", "")) { }

    public RefusedException(string message) : this(new Reason("refused", message, "", "", "")) { }

    public RefusedException(string message, Exception innerException) : base(message, innerException) =>
        Reason = new Reason("refused", message, "", "", "");

    [Id(0)] public Reason Reason { get; }
}
