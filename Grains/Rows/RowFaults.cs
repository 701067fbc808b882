using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Rows;

/// <summary>What a grain's row is refused with reaches whoever calls the grain, and not what Orleans makes of it on the way.</summary>
public static class RowFaults
{
    /// <summary>The refusal, or what failed outside, that Orleans' own exception is about; null where it is about something else.</summary>
    public static Exception? MeaningOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is RefusedException or OutsideException)
            {
                return cause;
            }
        }
        return null;
    }
}
