using Maestro.Edge;

if (args is ["edge", "--data", var folder])
{
    return await EdgeServer.RunAsync(folder, CancellationToken.None);
}
return args.Length;
