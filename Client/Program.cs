using Maestro.Commands;

return await CommandLine.RunAsync(args, ConsoleSetting.OfProcess());
