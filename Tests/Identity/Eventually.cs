using Maestro.Deployments;

namespace Maestro.Identity;

/// <summary>Waits for a condition, with a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task IsTrueAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Deadline, "The condition did not become true in time.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Deletes the folder of a silo that has ended. A build that was under way goes on writing there until it ends by itself.</summary>
    public static Task IsGoneAsync(string folder) => IsTrueAsync(() =>
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Somebody wrote between the reading of the folder and its end.
        }
        return Task.FromResult(!Directory.Exists(folder));
    });
}

/// <summary>What a call was refused with.</summary>
internal static class Refused
{
    /// <summary>The refusal; null where the call succeeded.</summary>
    public static async Task<RefusedException?> ByAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (RefusedException refusal)
        {
            return refusal;
        }
    }

    /// <summary>The refusal that the call must meet where admission is on; where it is off, the same call must get through.</summary>
    public static async Task<RefusedException?> WhereAsync(bool admission, Func<Task> call)
    {
        var refusal = await ByAsync(call);
        Assert.Equal(admission, refusal is not null);
        return refusal;
    }

    /// <summary>What something that is done at once was refused with.</summary>
    public static string? By(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (RefusedException refusal)
        {
            return refusal.Reason.Code;
        }
    }
}
