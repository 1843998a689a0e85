using System.Text;
using DataPlatform.Local.EventHubs.Storage;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.EventHubs.Tests.Storage;

public sealed class PartitionLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    private static StoredEvent Event(string body, string? key = null) => new(key, Encoding.UTF8.GetBytes("a" + body), 2, Encoding.UTF8.GetBytes(body));

    private static PartitionLog Open(string folder, TimeProvider clock, PartitionLogOptions? options = null) =>
        PartitionLog.Open(folder, options ?? new PartitionLogOptions(), clock, NullLogger.Instance);

    private static List<ReadEvent> ReadAll(PartitionLog log, EventPosition from)
    {
        var reader = PartitionReader.Open(log, from);
        var all = new List<ReadEvent>();
        while (reader.Read() is { Count: > 0 } events)
            all.AddRange(events);
        return all;
    }

    [Fact]
    public async Task What_was_appended_is_read_again_also_after_it_was_opened_anew()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(Start);
        using (var log = Open(folder.Path, clock))
        {
            Assert.True(log.State.IsEmpty);
            Assert.Equal(-1, log.State.LastSequenceNumber);
            Assert.Equal(0, await log.AppendAsync([Event("one", "kéy"), Event("two")]));
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(2, await log.AppendAsync([Event("")]));
            Check(log);
        }

        using (var again = Open(folder.Path, clock))
        {
            Check(again);
            Assert.Equal(3, await again.AppendAsync([Event("four")]));
        }

        static void Check(PartitionLog log)
        {
            var all = ReadAll(log, EventPosition.Earliest);
            Assert.Equal([0, 1, 2], all.Select(read => read.SequenceNumber));
            Assert.Equal(["one", "two", ""], all.Select(read => Encoding.UTF8.GetString(read.Event.Body.Span)));
            Assert.Equal(["aone", "atwo", "a"], all.Select(read => Encoding.UTF8.GetString(read.Event.Annotations.Span)));
            Assert.Equal(["kéy", null, null], all.Select(read => read.Event.PartitionKey));
            Assert.Equal([Start, Start, Start.AddSeconds(1)], all.Select(read => read.EnqueuedTime));
            Assert.True(all[0].Offset < all[1].Offset && all[1].Offset < all[2].Offset);
            Assert.Equal(new PartitionState(0, 2, all[2].Offset, Start.AddSeconds(1)), log.State);
        }
    }

    [Fact]
    public async Task A_batch_whose_end_was_not_written_is_as_if_it_had_never_come()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(Start);
        using (var log = Open(folder.Path, clock))
        {
            await log.AppendAsync([Event("kept")]);
            await log.AppendAsync([Event("torn"), Event("too")]);
        }

        var file = Directory.GetFiles(folder.Path, "*.log").Single();
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var torn = LogRecord.Measure([Event("torn"), Event("too")]);
        for (var cut = 1; cut <= torn; cut++)
        {
            await File.WriteAllBytesAsync(file, whole[..^cut], TestContext.Current.CancellationToken);
            using var log = Open(folder.Path, clock);
            Assert.Equal(["kept"], ReadAll(log, EventPosition.Earliest).Select(read => Encoding.UTF8.GetString(read.Event.Body.Span)));
            Assert.Equal(1, await log.AppendAsync([Event("next")]));
        }
    }

    [Fact]
    public async Task A_changed_byte_at_the_end_takes_the_batch_and_one_in_a_closed_file_is_told()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(Start);
        var small = new PartitionLogOptions { SegmentBytes = 64 };
        using (var log = Open(folder.Path, clock, small))
        {
            await log.AppendAsync([Event("first")]);
            await log.AppendAsync([Event("second")]);
            await log.AppendAsync([Event("third")]);
        }

        var files = Directory.GetFiles(folder.Path, "*.log").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(3, files.Length);
        Flip(files[2]);
        using (var log = Open(folder.Path, clock, small))
            Assert.Equal(2, ReadAll(log, EventPosition.Earliest).Count);

        Flip(files[0]);
        var exception = Assert.Throws<InvalidDataException>(() => Open(folder.Path, clock, small));
        Assert.Contains(files[0], exception.Message, StringComparison.Ordinal);

        File.Delete(files[1]);
        Flip(files[0]);
        exception = Assert.Throws<InvalidDataException>(() =>
        {
            using var log = Open(folder.Path, clock, small);
            Assert.Fail($"It opened with {log.Segments.Length} files.");
        });
        Assert.Contains("missing", exception.Message, StringComparison.Ordinal);

        static void Flip(string path)
        {
            var bytes = File.ReadAllBytes(path);
            bytes[^1] ^= 1;
            File.WriteAllBytes(path, bytes);
        }
    }

    [Fact]
    public async Task Old_files_go_when_the_retention_is_over_and_readers_go_on_behind_them()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(Start);
        using var log = Open(folder.Path, clock, new PartitionLogOptions { SegmentBytes = 64, Retention = TimeSpan.FromHours(1) });
        await log.AppendAsync([Event("old")]);
        var behind = PartitionReader.Open(log, EventPosition.Earliest);
        clock.Advance(TimeSpan.FromHours(2));
        await log.AppendAsync([Event("new")]);
        log.RemoveExpired();

        Assert.Equal(1, log.State.BeginSequenceNumber);
        Assert.Equal([1], ReadAll(log, EventPosition.Earliest).Select(read => read.SequenceNumber));
        // A reader in the middle of the file that went keeps it as long as it needs it.
        Assert.Equal([0], behind.Read().Select(read => read.SequenceNumber));
        Assert.Equal([1], behind.Read().Select(read => read.SequenceNumber));
        Assert.Empty(behind.Read());
    }

    [Fact]
    public async Task Times_never_go_back_when_the_clock_does()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(Start) { AutoAdvanceAmount = TimeSpan.Zero };
        using (var log = Open(folder.Path, clock))
            await log.AppendAsync([Event("x")]);
        using var earlier = Open(folder.Path, new FakeTimeProvider(Start.AddHours(-1)));
        await earlier.AppendAsync([Event("y")]);
        Assert.Equal([Start, Start], ReadAll(earlier, EventPosition.Earliest).Select(read => read.EnqueuedTime));
    }

    [Fact]
    public async Task A_reader_at_the_end_of_a_file_misses_nothing_that_comes_to_it_while_the_next_one_is_begun()
    {
        const int Events = 300;
        using var folder = new TemporaryFolder();
        using var log = Open(folder.Path, TimeProvider.System, new PartitionLogOptions { SegmentBytes = 1 });
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Events; i++)
                await log.AppendAsync([Event("x")]);
        });
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var reader = PartitionReader.Open(log, EventPosition.Earliest);
            for (var next = 0L; next < Events;)
            {
                foreach (var read in reader.Read())
                    Assert.Equal(next++, read.SequenceNumber);
            }
        })).ToList();
        await Task.WhenAll([writing, .. readers]);
    }

    [Fact]
    public async Task Many_writers_at_once_get_numbers_without_gaps_and_readers_see_them_in_order()
    {
        using var folder = new TemporaryFolder();
        using var log = Open(folder.Path, TimeProvider.System, new PartitionLogOptions { SegmentBytes = 20_000 });
        var signal = new AsyncSignal();
        log.Subscribe(signal);
        var reader = PartitionReader.Open(log, EventPosition.Latest);
        var reading = Task.Run(async () =>
        {
            var seen = new List<ReadEvent>();
            while (seen.Count < 3_200)
            {
                await signal.WaitAsync(TestContext.Current.CancellationToken);
                while (reader.Read() is { Count: > 0 } events)
                    seen.AddRange(events);
            }

            return seen;
        });
        var numbers = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
        {
            var own = new List<long>();
            for (var i = 0; i < 100; i++)
                own.Add(await log.AppendAsync([Event($"{writer}-{i}"), Event($"{writer}-{i}'")]));
            return own;
        })));

        Assert.Equal(Enumerable.Range(0, 1_600).Select(i => 2L * i), numbers.SelectMany(own => own).Order());
        var seen = await reading;
        Assert.Equal(Enumerable.Range(0, 3_200).Select(i => (long)i), seen.Select(read => read.SequenceNumber));
        Assert.True(log.Segments.Length > 3);
        foreach (var own in seen.GroupBy(read => Encoding.UTF8.GetString(read.Event.Body.Span).Split('-')[0]))
            Assert.Equal(own.OrderBy(read => read.SequenceNumber), own.OrderBy(read => int.Parse(Encoding.UTF8.GetString(read.Event.Body.Span).Split('-')[1].TrimEnd('\''), System.Globalization.CultureInfo.InvariantCulture)).ThenBy(read => read.SequenceNumber));
    }

    [Fact]
    public void A_reader_begins_where_its_position_says()
    {
        // Batches of some sizes, at times some apart, in files of some length; and then any position.
        var cases =
            from sizes in Gen.Choose(1, 5).NonEmptyListOf()
            from gaps in Gen.Choose(0, 3).ListOf(sizes.Count)
            from segmentBytes in Gen.Elements(64, 300, 100_000)
            from kind in Gen.Elements(EventPositionKind.Offset, EventPositionKind.SequenceNumber, EventPositionKind.EnqueuedTime)
            from value in Gen.Choose(-2, 1_000)
            from inclusive in Gen.Elements(true, false)
            select (sizes, gaps, segmentBytes, kind, value, inclusive);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var folder = new TemporaryFolder();
            var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(100));
            using var log = Open(folder.Path, clock, new PartitionLogOptions { SegmentBytes = c.segmentBytes });
            foreach (var (size, gap) in c.sizes.Zip(c.gaps))
            {
                clock.Advance(TimeSpan.FromMilliseconds(gap));
                log.AppendAsync([.. Enumerable.Range(0, size).Select(i => Event($"{i}"))]).GetAwaiter().GetResult();
            }

            var all = ReadAll(log, EventPosition.Earliest);
            var value = c.kind switch
            {
                EventPositionKind.SequenceNumber => c.value % (all.Count + 2),
                EventPositionKind.EnqueuedTime => 95 + (c.value % 40),
                _ => c.value % 3 == 0 ? all[c.value < 0 ? 0 : c.value % all.Count].Offset : c.value,
            };
            var position = new EventPosition(c.kind, value, c.inclusive);
            Assert.Equal(all.SkipWhile(read => !position.IsReachedBy(read)), ReadAll(log, position), SameEvent);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    private static bool SameEvent(ReadEvent left, ReadEvent right) => (left.SequenceNumber, left.Offset, left.EnqueuedTime) == (right.SequenceNumber, right.Offset, right.EnqueuedTime);
}
