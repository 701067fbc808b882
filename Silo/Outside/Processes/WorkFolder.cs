namespace Maestro.Outside.Processes;

/// <summary>The folder of one start of one effect. Only <see cref="Root"/> is ever shown to the command.</summary>
internal sealed class WorkFolder(string path)
{
    public string Path { get; } = path;

    /// <summary>What the command may write to.</summary>
    public string Root => In("root");

    public string Output => In("output.log");

    /// <summary>Where the launcher complains.</summary>
    public string ComplaintFile => In("launcher.log");

    /// <summary>What the launcher complained about; null where it did not.</summary>
    public string? Complaints => File.Exists(ComplaintFile) ? File.ReadAllText(ComplaintFile) : null;

    public WorkFile? Work => DurableFile.Read(In("work.json"), WorkJson.Default.WorkFile);

    /// <summary>
    /// Who runs it, first come: the launcher, or nobody where a successor made sure that nobody will. Null while nobody came.
    /// </summary>
    public ProcessIdentity? Claim => DurableFile.Read(In("pid"), WorkJson.Default.ProcessIdentity);

    public WorkResult? Result => DurableFile.Read(In("result.json"), WorkJson.Default.WorkResult);

    public WorkVerdict? Verdict => DurableFile.Read(In("verdict.json"), WorkJson.Default.WorkVerdict);

    public bool WasStopped => File.Exists(In("stopped"));

    /// <summary>When the launcher last said that it lives, for a reader on another host.</summary>
    public DateTimeOffset Heartbeat => File.GetLastWriteTimeUtc(In("heartbeat"));

    public void Write(WorkFile work) => DurableFile.Write(In("work.json"), work, WorkJson.Default.WorkFile);

    public bool TryClaim(ProcessIdentity identity) => DurableFile.TryCreate(In("pid"), identity, WorkJson.Default.ProcessIdentity);

    /// <summary>Takes the space for what must be written even when the command has filled the disk.</summary>
    public void PrepareResult()
    {
        DurableFile.Prepare(In("result.json"), 4 << 10);
        DurableFile.Prepare(In("verdict.json"), 32 << 10);
    }

    public void Write(WorkResult result) => DurableFile.Write(In("result.json"), result, WorkJson.Default.WorkResult);

    public void Write(WorkVerdict verdict) => DurableFile.Write(In("verdict.json"), verdict, WorkJson.Default.WorkVerdict);

    public void Beat(DateTimeOffset now)
    {
        if (!File.Exists(In("heartbeat")))
        {
            File.WriteAllBytes(In("heartbeat"), []);
        }
        File.SetLastWriteTimeUtc(In("heartbeat"), now.UtcDateTime);
    }

    public void MarkStopped()
    {
        File.WriteAllBytes(In("stopped"), []);
        NativeMethods.FlushFolder(Path);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
