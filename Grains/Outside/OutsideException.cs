using Maestro.Deployments;

namespace Maestro.Outside;

/// <summary>It could not be found out: the outside did not answer, or not sensibly. The stage broke; it was not refused.</summary>
public sealed class OutsideException : Exception
{
    public OutsideException(Reason reason, Exception? inner = null) : base(reason.ToString(), inner) => Reason = reason;

    public OutsideException() : this(new Reason("outside.unknown", "", "", "", "")) { }

    public OutsideException(string message) : this(new Reason("outside.unknown", message, "", "", "")) { }

    public OutsideException(string message, Exception innerException) : this(new Reason("outside.unknown", message, "", "", ""), innerException) { }

    public Reason Reason { get; }
}
