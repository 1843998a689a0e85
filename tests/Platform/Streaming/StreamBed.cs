using System.Globalization;
using System.Text;
using DataPlatform.Ingestion;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Streaming;

/// <summary>A hub's partition that stays where it is, in front of the whole way of a batch.</summary>
internal sealed class StreamBed : IAsyncDisposable, IHubDirectory
{
    public static readonly StreamPartition Partition = new("tests.example", "events", "$Default", "0");

    private readonly Lazy<StreamConsumer> _consumer;

    public StreamBed(BatchBed? bed = null)
    {
        Bed = bed ?? new BatchBed();
        _consumer = new(() => ActivatorUtilities.CreateInstance<StreamConsumer>(Bed.Services, this));
    }

    public BatchBed Bed { get; }

    public StreamConsumer Consumer => _consumer.Value;

    /// <summary>When the hub was created.</summary>
    public DateTimeOffset Created { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Task<DateTimeOffset> GetCreatedAsync(string hub, CancellationToken cancellationToken) => Task.FromResult(Created);

    public Task TakeAsync(params IEnumerable<StreamEvent> events) => Consumer.ConsumeAsync(Partition, [.. events], default);

    /// <summary>An event whose row has the sequence number as its id.</summary>
    public static StreamEvent Event(long sequence, string dataset, string? body = null, params IEnumerable<(string Name, object Value)> properties) => new(
        sequence,
        new DateTimeOffset(2026, 3, 1, 11, 0, 0, TimeSpan.Zero).AddSeconds(sequence),
        Encoding.UTF8.GetBytes(body ?? string.Create(CultureInfo.InvariantCulture, $$"""{"id": {{sequence}}, "name": "n{{sequence}}"}""")),
        null,
        properties.Append((EventProperties.Dataset, dataset)).ToDictionary(item => item.Item1, item => item.Item2));

    public static IEnumerable<StreamEvent> Events(int from, int to, string dataset) => Enumerable.Range(from, to - from + 1).Select(sequence => Event(sequence, dataset));

    public ValueTask DisposeAsync() => Bed.DisposeAsync();
}
