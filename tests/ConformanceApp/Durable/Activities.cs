using System.Globalization;
using DataPlatform.ConformanceApp.Observing;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>The work that the orchestrators call.</summary>
public sealed class Activities(Observations observations, Gates gates)
{
    [Function("activity_hello")]
    public string Hello([ActivityTrigger] string name) => $"Hello {name}!";

    /// <summary>The later ones answer first.</summary>
    [Function("activity_square")]
    public async Task<int> Square([ActivityTrigger] Part part, CancellationToken cancellationToken)
    {
        await Task.Delay(Math.Max(0, 300 - (part.Number * 20)), cancellationToken);
        return part.Number * part.Number;
    }

    /// <summary>Fails until it was called often enough with this key.</summary>
    [Function("activity_fails")]
    public string Fails([ActivityTrigger] FailureOrder order)
    {
        var count = observations.Add(order.Key);
        if (count <= order.Times)
            throw new InvalidOperationException($"Attempt {count} of {order.Key} failed.", new FormatException("the inner reason"));
        return string.Create(CultureInfo.InvariantCulture, $"worked at attempt {count}");
    }

    [Function("activity_note")]
    public string? Note([ActivityTrigger] string key, FunctionContext context)
    {
        observations.Add(key, context.FunctionDefinition.Name);
        return null;
    }

    [Function("activity_waits")]
    public async Task<string> Waits([ActivityTrigger] string gate, CancellationToken cancellationToken)
    {
        observations.Add(gate, "began");
        await gates.PassAsync(gate, cancellationToken);
        return "passed";
    }

    [Function("activity_text")]
    public string Text([ActivityTrigger] int length) => new('x', length);

    [Function("activity_record")]
    public Part Record([ActivityTrigger] Part part) => part with { Number = part.Number + 1 };

    [Function("activity_nothing")]
    public Task Nothing([ActivityTrigger] object? input) => Task.CompletedTask;
}
