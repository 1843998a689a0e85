namespace DataPlatform.Serving.Warehouse;

/// <summary>What goes over the pipes between the platform and a worker.</summary>
internal enum FrameKind : byte
{
    /// <summary>A <see cref="WorkerRequest"/>, to the worker.</summary>
    Request = 1,

    /// <summary>A list of syntax trees.</summary>
    Trees,

    /// <summary>Bytes of the answer's body.</summary>
    Data,

    /// <summary>A <see cref="WorkerEnd"/>: all data was sent.</summary>
    End,

    /// <summary>A <see cref="WorkerFailure"/>: no more data comes.</summary>
    Failure,
}
