namespace DataPlatform.Serving.Warehouse;

/// <summary>The program that is started as a worker.</summary>
/// <param name="Assembly">Path of an assembly whose entry point hands <see cref="QueryWorker.Argument"/> over to <see cref="QueryWorker.RunAsync"/>.</param>
public sealed record QueryWorkerProgram(string Assembly);
