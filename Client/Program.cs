using Maestro.Outside.Processes;

return args is ["work", var folder] ? await WorkLauncher.RunAsync(folder) : args.Length;
