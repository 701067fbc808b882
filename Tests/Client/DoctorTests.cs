using System.Text.Json;
using Maestro.Connection;
using Maestro.Doctor;

namespace Maestro.Client;

public sealed class DoctorTests
{
    [Fact]
    public async Task The_doctor_examines_this_machine()
    {
        var run = await ConsoleRun.OfAsync("doctor", "-o", "json", "--data", Path.GetTempPath());

        using var document = JsonDocument.Parse(run.Out);
        var checks = document.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(
            check => check.GetProperty("check").GetString()!, check => check.GetProperty("health").GetString());
        Assert.True(checks["git"] is "Fine" && checks[".NET SDK"] is "Fine", run.Out);
        Assert.Equal(10, checks.Count);
        Assert.Equal(checks.ContainsValue("Missing") ? ExitCode.Refused : ExitCode.Done, run.ExitCode);
    }

    [Fact]
    public async Task What_is_not_fine_says_what_that_means_and_what_to_do() => Assert.All(
        await new Examination(Path.GetTempPath(), TimeProvider.System).RunAsync(TestContext.Current.CancellationToken),
        result =>
        {
            Assert.NotEmpty(result.Found);
            Assert.NotEmpty(result.Meaning);
            Assert.True(result.Health is Health.Fine || result.Remedy.Length > 0, result.Check);
        });

    [Fact]
    public void A_data_folder_that_others_may_read_is_noticed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var folder = Directory.CreateTempSubdirectory("maestro-doctor-").FullName;
        try
        {
            Assert.Equal(Health.Fine, MachineChecks.DataFolder(folder).Health);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupRead);
            }
            Assert.Equal(Health.Limited, MachineChecks.DataFolder(folder).Health);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task A_program_that_does_not_answer_is_ended_and_not_called_missing()
    {
        var probe = new ProgramProbe(TimeProvider.System, TimeSpan.FromSeconds(1));

        Assert.Equal(new(null, "no answer in 1 seconds"), await probe.RunAsync("tail", ["-f", "/dev/null"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_missing_program_is_not_a_fault() =>
        Assert.Null(await new ProgramProbe(TimeProvider.System).RunAsync("maestro-no-such-program", [], TestContext.Current.CancellationToken));
}
