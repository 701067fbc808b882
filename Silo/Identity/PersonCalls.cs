using Maestro.Rows;

namespace Maestro.Identity;

/// <summary>Signs every call of a client with the person's key, and sends the person's session along where there is one.</summary>
internal sealed class PersonCalls(PersonKey person, CallArguments arguments, TimeProvider time, ISessionSource? sessions = null) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var session = sessions is null ? null : await sessions.CurrentAsync();
        RequestContext.Set(CallToken.ContextKey, CallTokens.IssueFor(context, person.Sign, person.Person, arguments, time, session));
        if (session is null)
        {
            RequestContext.Remove(SessionCheck.ContextKey);
        }
        else
        {
            RequestContext.Set(SessionCheck.ContextKey, session);
        }
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
