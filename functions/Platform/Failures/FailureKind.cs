namespace DataPlatform.Failures;

/// <summary>What kind of mistake a <see cref="TerminalException"/> tells of. The gateway maps each to one HTTP status.</summary>
public enum FailureKind
{
    /// <summary>The request or document is wrong: 400.</summary>
    Invalid,

    /// <summary>No usable credentials: 401.</summary>
    Unauthenticated,

    /// <summary>The caller lacks the scope: 403.</summary>
    Forbidden,

    /// <summary>What the request names does not exist: 404.</summary>
    NotFound,

    /// <summary>The route exists, the method does not: 405.</summary>
    MethodNotAllowed,

    /// <summary>None of the representations asked for can be given: 406.</summary>
    NotAcceptable,

    /// <summary>It is there already, or in a state that forbids this: 409.</summary>
    Conflict,

    /// <summary>It was there and is no more: 410.</summary>
    Gone,

    /// <summary>An If-Match or If-None-Match condition does not hold: 412.</summary>
    PreconditionFailed,

    /// <summary>Over a size limit: 413.</summary>
    TooLarge,

    /// <summary>A body of a type or encoding that is not read: 415.</summary>
    UnsupportedMediaType,

    /// <summary>A range of bytes that has none: 416.</summary>
    RangeNotSatisfiable,

    /// <summary>Well-formed, but at odds with what was said before: 422.</summary>
    Unprocessable,

    /// <summary>A feature that is not offered: 501.</summary>
    NotImplemented,

    /// <summary>A defect of the platform itself: 500.</summary>
    Internal,
}
