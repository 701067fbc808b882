using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>Calls that are expected to fail, and with which code.</summary>
internal static class Expect
{
    public static async Task BrokenAsync(string code, Func<Task> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<OutsideException>(call)).Reason.Code);

    public static async Task RefusedAsync(string code, Func<Task> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<RefusedException>(call)).Reason.Code);
}
