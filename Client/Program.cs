using Maestro.Chaos;
using Maestro.Commands;
using Maestro.Edge;
using Maestro.Outside.Processes;

// These leave the terminal for good, so they come before anything that looks at it.
return args switch
{
    ["edge", "--data", var folder, "--keys", var keys, "--root", var root] => await EdgeServer.RunAsync(folder, keys, root, CancellationToken.None),
    [DrillRelease.Verb] => await DrillRelease.RunAsync(),
    ["work", var folder] => await WorkLauncher.RunAsync(folder),
    _ => await CommandLine.RunAsync(args, ConsoleSetting.OfProcess()),
};
