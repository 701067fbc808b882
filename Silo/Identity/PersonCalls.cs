using Maestro.Rows;

namespace Maestro.Identity;

/// <summary>Signs every call of a client with the person's key.</summary>
internal sealed class PersonCalls(PersonKey person, CallArguments arguments, TimeProvider time) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        RequestContext.Set(CallToken.ContextKey, CallTokens.IssueFor(context, person.Sign, person.Person, arguments, time));
        try
        {
            await context.Invoke();
        }
        catch (OrleansException failure) when (RowFaults.MeaningOf(failure) is { } meaning)
        {
            throw meaning;
        }
    }
}
