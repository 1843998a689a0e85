using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using DataPlatform.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Fetching from servers that behave, and from others.</summary>
public sealed class UrlFetcherTests
{
    private static readonly RemoteFile File = RemoteFile.Of(1_000_000);

    [Fact]
    public async Task A_file_comes_whole_in_parts()
    {
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        await using var bed = new FetchBed();

        var fetched = await bed.FetchAsync(server.Url("/orders.csv?sig=secret"));

        Assert.True(fetched.IsComplete);
        Assert.Equal(("text/csv", null, 1_000_000, 1), (fetched.ContentType, fetched.ContentEncoding, fetched.Bytes, fetched.Attempts));
        Assert.InRange(fetched.Parts.Count, 5, 10);
        Assert.Equal(File.Content, await bed.ReadAsync(fetched));
        Assert.True(bed.Noted[^1].Checkpoint.IsComplete);
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        await using var server = await FetchServer.StartAsync((http, _) => RemoteFile.Of(0).AnswerAsync(http));
        await using var bed = new FetchBed();

        var fetched = await bed.FetchAsync(server.Url("/orders.csv"));

        Assert.True(fetched.IsComplete);
        Assert.Empty(await bed.ReadAsync(fetched));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transfer_that_is_cut_off_goes_on_where_it_ended(bool hasLength)
    {
        await using var server = await FetchServer.StartAsync((http, _) => (File with { CutAfter = 300_000, HasLength = hasLength }).AnswerAsync(http));
        await using var bed = new FetchBed();

        var fetched = await bed.FetchAsync(server.Url("/orders.csv"));

        Assert.Equal(File.Content, await bed.ReadAsync(fetched));
        Assert.Equal(0, fetched.Restarts);
        Assert.True(server.Seen.Count >= 4);
        Assert.All(server.Seen.Skip(1), request => Assert.StartsWith("bytes=", request.Range, StringComparison.Ordinal));
        Assert.All(server.Seen.Skip(1), request => Assert.Equal("\"one\"", request.IfRange));
    }

    [Fact]
    public async Task A_file_that_is_replaced_meanwhile_is_fetched_anew()
    {
        var other = RemoteFile.Of(700_000, seed: 2) with { ETag = "\"two\"" };
        await using var server = await FetchServer.StartAsync((http, count) => (count == 1 ? File with { CutAfter = 300_000 } : other).AnswerAsync(http));
        await using var bed = new FetchBed();

        var fetched = await bed.FetchAsync(server.Url("/orders.csv"));

        Assert.Equal(other.Content, await bed.ReadAsync(fetched));
        Assert.Equal((1, "\"two\""), (fetched.Restarts, fetched.Validator));
    }

    [Theory]
    [InlineData("bytes 300000-999999/1000000", "\"two\"")]
    [InlineData("bytes 300000-1199999/1200000", "\"one\"")]
    [InlineData("bytes 0-699999/1000000", "\"one\"")]
    [InlineData("bytes 300000-400000/1000000", "\"one\"")]
    public async Task A_rest_that_belongs_to_another_file_is_not_taken(string contentRange, string etag)
    {
        // Whatever arrived before the cut, the second answer is never its rest.
        await using var server = await FetchServer.StartAsync(async (http, count) =>
        {
            if (count != 2)
            {
                await (count == 1 ? File with { CutAfter = 310_000 } : File).AnswerAsync(http);
                return;
            }

            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = contentRange.Replace("300000", http.Request.Headers.Range.ToString()[6..].TrimEnd('-'), StringComparison.Ordinal);
            http.Response.Headers.ETag = etag;
            await http.Response.Body.WriteAsync(new byte[1000]);
        });
        await using var bed = new FetchBed();

        var fetched = await bed.FetchAsync(server.Url("/orders.csv"));

        Assert.Equal(File.Content, await bed.ReadAsync(fetched));
        Assert.Equal(1, fetched.Restarts);
    }

    [Fact]
    public async Task A_file_that_changes_all_the_time_is_given_up()
    {
        await using var server = await FetchServer.StartAsync((http, count) => (File with { CutAfter = 300_000, ETag = $"\"{count}\"" }).AnswerAsync(http));
        await using var bed = new FetchBed();

        var failure = await bed.FailAsync(server.Url("/orders.csv?sig=secret"));

        Assert.Equal("FetchFailed", failure.Code);
        Assert.Contains("begun anew 3 times", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "\"one\"")]
    [InlineData(true, null)]
    [InlineData(true, "W/\"one\"")]
    public async Task A_server_that_cannot_resume_is_asked_for_all_again(bool takesRanges, string? etag)
    {
        var file = File with { TakesRanges = takesRanges, ETag = etag };
        await using var server = await FetchServer.StartAsync((http, count) => (count == 1 ? file with { CutAfter = 300_000 } : file).AnswerAsync(http));
        await using var bed = new FetchBed();

        var fetched = await bed.FetchAsync(server.Url("/orders.csv"));

        Assert.Equal(File.Content, await bed.ReadAsync(fetched));
        Assert.Equal(1, fetched.Restarts);
    }

    [Fact]
    public async Task A_transfer_without_length_that_is_cut_off_at_its_end_is_whole()
    {
        await using var server = await FetchServer.StartAsync(async (http, count) =>
        {
            if (count == 1)
                await (File with { HasLength = false, SilentAfter = File.Content.Length }).AnswerAsync(http);
            else
                await File.AnswerAsync(http);
        });
        await using var bed = new FetchBed(FetchBed.Fast with { IdleTimeout = TimeSpan.FromSeconds(1) });

        var fetched = await bed.FetchAsync(server.Url("/orders.csv"));

        Assert.Equal(File.Content, await bed.ReadAsync(fetched));
        Assert.Equal((2, 0, "bytes=1000000-"), (server.Seen.Count, fetched.Restarts, server.Seen[1].Range));
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left_and_asked_for_the_rest()
    {
        await using var server = await FetchServer.StartAsync((http, count) => (count == 1 ? File with { SilentAfter = 300_000 } : File).AnswerAsync(http));
        await using var bed = new FetchBed(FetchBed.Fast with { IdleTimeout = TimeSpan.FromSeconds(1) });

        var fetched = await bed.FetchAsync(server.Url("/orders.csv"));

        Assert.Equal(File.Content, await bed.ReadAsync(fetched));
        Assert.Equal("bytes=300000-", server.Seen[1].Range);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await using var server = await FetchServer.StartAsync((http, _) => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        await using var bed = new FetchBed(FetchBed.Fast with { IdleTimeout = TimeSpan.FromMilliseconds(100), MaxFailures = 3 });

        var failure = await bed.FailAsync(server.Url("/orders.csv?sig=secret"));

        Assert.Equal("FetchFailed", failure.Code);
        Assert.Contains("did not answer in time, after 3 requests", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trickle_ends_with_the_deadline()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var server = await FetchServer.StartAsync(async (http, _) =>
        {
            http.Response.ContentType = "text/csv";
            while (!http.RequestAborted.IsCancellationRequested)
            {
                clock.Advance(TimeSpan.FromSeconds(20));
                await http.Response.Body.WriteAsync("x"u8.ToArray());
                await http.Response.Body.FlushAsync();
                await Task.Yield();
            }
        });
        await using var bed = new FetchBed(FetchBed.Fast with { IdleTimeout = TimeSpan.FromDays(1) }, clock: clock);

        var failure = await bed.FailAsync(server.Url("/orders.csv"));

        Assert.Contains("FetchDeadline", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "404")]
    [InlineData(HttpStatusCode.Gone, "410")]
    [InlineData(HttpStatusCode.Forbidden, "shared access signature")]
    [InlineData(HttpStatusCode.NoContent, "204")]
    [InlineData(HttpStatusCode.NotModified, "304")]
    [InlineData(HttpStatusCode.PartialContent, "206")]
    public async Task An_answer_without_the_file_is_told_at_once(HttpStatusCode status, string told)
    {
        await using var server = await FetchServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = (int)status;
            return Task.CompletedTask;
        });
        await using var bed = new FetchBed();

        var failure = await bed.FailAsync(server.Url("/orders.csv?sig=secret"));

        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task A_busy_server_is_left_alone_as_long_as_it_says()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var server = await FetchServer.StartAsync((http, count) =>
        {
            if (count > 1)
                return File.AnswerAsync(http);
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            http.Response.Headers.RetryAfter = "90";
            return Task.CompletedTask;
        });
        await using var bed = new FetchBed(FetchBed.Fast with { IdleTimeout = TimeSpan.FromDays(9), Slice = TimeSpan.FromDays(9), Deadline = TimeSpan.FromDays(9) }, clock: clock);

        var fetching = bed.FetchAsync(server.Url("/orders.csv"));
        while (!bed.Logs.All.Any(line => line.Contains("503", StringComparison.Ordinal)))
            await Task.Yield();
        clock.Advance(TimeSpan.FromSeconds(89));
        Assert.Single(server.Seen);
        while (!fetching.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal(File.Content, await bed.ReadAsync(await fetching));
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up()
    {
        await using var server = await FetchServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        await using var bed = new FetchBed(FetchBed.Fast with { MaxFailures = 3 });

        Assert.Contains("answers 503, after 3 requests", (await bed.FailAsync(server.Url("/orders.csv"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_are_followed_five_times_with_our_headers_only()
    {
        await using var server = await FetchServer.StartAsync((http, count) =>
        {
            if (count == 6)
                return File.AnswerAsync(http);
            http.Response.Redirect($"/hop{count}?sig=secret");
            http.Response.Cookies.Append("session", "1");
            return Task.CompletedTask;
        });
        await using var bed = new FetchBed();
        using var activity = new Activity("caller").Start();

        Assert.True((await bed.FetchAsync(server.Url("/orders.csv"))).IsComplete);

        Assert.Equal(["/orders.csv", "/hop1", "/hop2", "/hop3", "/hop4", "/hop5"], server.Seen.Select(request => request.Path));
        Assert.All(server.Seen, request => Assert.Equal(["Accept", "Accept-Encoding", "Host", "User-Agent"], request.Headers));
    }

    [Fact]
    public async Task A_sixth_redirect_is_one_too_many()
    {
        await using var server = await FetchServer.StartAsync((http, count) =>
        {
            http.Response.Redirect($"/hop{count}");
            return Task.CompletedTask;
        });
        await using var bed = new FetchBed();

        Assert.Contains("more than 5 times", (await bed.FailAsync(server.Url("/orders.csv"))).Message, StringComparison.Ordinal);
        Assert.Equal(6, server.Seen.Count);
    }

    [Theory]
    [InlineData("http://169.254.169.254/metadata/instance?api-version=2021-02-01")]
    [InlineData("http://[fd00:ec2::254]/latest/meta-data/")]
    [InlineData("http://168.63.129.16/machine?comp=goalstate")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://unknown.invalid/")]
    [InlineData("http://intranet.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://me:secret@127.0.0.1/")]
    public async Task Every_address_that_is_out_of_bounds_gets_the_same_words(string location)
    {
        await using var server = await FetchServer.StartAsync((http, _) =>
        {
            http.Response.Redirect(location);
            return Task.CompletedTask;
        });
        await using var bed = new FetchBed(resolve: (host, _) => host == "intranet.example"
            ? Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.7"), IPAddress.Parse("::1")])
            : throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound));

        var failure = await bed.FailAsync(server.Url("/orders.csv?sig=secret"));

        Assert.Equal("AddressRefused", failure.Code);
        Assert.Equal(FetchFailures.AddressRefused(server.Url("/orders.csv")).Message, failure.Message);
        Assert.Null(failure.InnerException);
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_at_the_next_request_is_refused()
    {
        var asked = 0;
        await using var server = await FetchServer.StartAsync((http, _) => (File with { CutAfter = 300_000 }).AnswerAsync(http));
        await using var bed = new FetchBed(resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(++asked == 1 ? "127.0.0.1" : "127.0.0.2")]));

        var failure = await bed.FailAsync(server.Url("/orders.csv", "files.example"));

        Assert.Equal(("AddressRefused", 2), (failure.Code, asked));
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task Of_a_host_with_several_addresses_only_those_within_bounds_are_tried()
    {
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        await using var bed = new FetchBed(resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1"), IPAddress.IPv6Loopback, IPAddress.Loopback]));

        Assert.True((await bed.FetchAsync(server.Url("/orders.csv", "files.example"))).IsComplete);
    }

    [Fact]
    public async Task Loopback_is_not_fetched_from_by_default()
    {
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        await using var bed = new FetchBed(allow: "");

        Assert.Equal("AddressRefused", (await bed.FailAsync(server.Url("/orders.csv"))).Code);
        Assert.Equal("AddressRefused", (await bed.FailAsync(server.Url("/orders.csv", "localhost"))).Code);
        Assert.Equal("AddressRefused", (await bed.FailAsync(server.Url("/orders.csv", "①②⑦.0.0.1"))).Code);
        Assert.Empty(server.Seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_beyond_the_limit_is_refused(bool hasLength)
    {
        await using var server = await FetchServer.StartAsync((http, _) => (File with { HasLength = hasLength }).AnswerAsync(http));
        await using var bed = new FetchBed(FetchBed.Fast with { MaxBytes = 500_000 });

        Assert.Equal("FetchTooLarge", (await bed.FailAsync(server.Url("/orders.csv"))).Code);
        Assert.Equal("FetchTooLarge", (await bed.FailAsync(new FetchRequest { Url = server.Url("/orders.csv"), Bytes = 600_000 })).Code);
    }

    [Theory]
    [InlineData(999_999, true)]
    [InlineData(1_000_001, true)]
    [InlineData(999_999, false)]
    [InlineData(1_000_001, false)]
    public async Task A_file_of_another_length_than_expected_is_refused(long bytes, bool hasLength)
    {
        await using var server = await FetchServer.StartAsync((http, _) => (File with { HasLength = hasLength }).AnswerAsync(http));
        await using var bed = new FetchBed();

        var failure = await bed.FailAsync(new FetchRequest { Url = server.Url("/orders.csv"), Bytes = bytes });

        Assert.Equal(("ContentDiffers", "$.bytes"), (failure.Code, failure.Target));
    }

    [Fact]
    public async Task A_server_that_lies_about_the_length_is_given_up()
    {
        await using var server = await FetchServer.StartAsync(async (http, count) =>
        {
            http.Response.ContentType = "text/csv";
            http.Response.Headers.ETag = "\"one\"";
            http.Response.ContentLength = 1000;
            await http.Response.Body.WriteAsync(new byte[10]);
            await http.Response.Body.FlushAsync();
            http.Abort();
        });
        await using var bed = new FetchBed();

        Assert.Equal("FetchFailed", (await bed.FailAsync(server.Url("/orders.csv"))).Code);
        Assert.True(server.Seen.Count <= FetchLimits.Default.MaxFailures + FetchLimits.Default.MaxRestarts + 1);
    }

    [Fact]
    public async Task A_head_beyond_the_limit_is_refused()
    {
        await using var server = await FetchServer.StartAsync((http, _) =>
        {
            http.Response.Headers["x-long"] = new string('x', 40_000);
            return File.AnswerAsync(http);
        });
        await using var bed = new FetchBed();

        Assert.Contains("32 KiB of headers", (await bed.FailAsync(server.Url("/orders.csv"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hash_is_checked_over_interruptions_and_processes()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.Content));
        await using var server = await FetchServer.StartAsync((http, count) => (File with { CutAfter = 300_000 }).AnswerAsync(http));
        await using var bed = new FetchBed();
        var request = new FetchRequest { Url = server.Url("/orders.csv"), Sha256 = hash };

        var fetched = await bed.FetchAsync(request);
        Assert.Equal(File.Content, await bed.ReadAsync(fetched));
        foreach (var noted in bed.Noted.SkipLast(1))
            Assert.Equal(File.Content, await bed.ReadAsync(await bed.FetchAsync(request, noted.Checkpoint)));

        var failure = await bed.FailAsync(request with { Sha256 = new string('0', 64) });
        Assert.Equal(("ContentDiffers", "$.sha256"), (failure.Code, failure.Target));
    }

    [Fact]
    public async Task Another_process_goes_on_from_the_last_part()
    {
        using var kill = new CancellationTokenSource();
        await using var server = await FetchServer.StartAsync(async (http, count) =>
        {
            if (count > 1)
            {
                await File.AnswerAsync(http);
                return;
            }

            await (File with { SilentAfter = 450_000 }).AnswerAsync(http);
        });
        await using var bed = new FetchBed();
        var fetching = bed.FetchAsync(server.Url("/orders.csv"), cancellationToken: kill.Token);
        while (bed.Noted.Count(noted => noted.Checkpoint.Parts.Count > 0) < 2)
            await Task.Yield();
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);

        var last = bed.Noted[^1].Checkpoint;
        var fetched = await bed.FetchAsync(server.Url("/orders.csv"), last);

        Assert.Equal(File.Content, await bed.ReadAsync(fetched));
        Assert.Equal($"bytes={last.Bytes}-", server.Seen[1].Range);
        Assert.Equal(last.Parts, fetched.Parts.Take(last.Parts.Count));
    }

    [Fact]
    public async Task Work_comes_in_slices()
    {
        var file = RemoteFile.Of(300_000);
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var server = await FetchServer.StartAsync((http, _) =>
        {
            clock.Advance(TimeSpan.FromMinutes(6));
            return file.AnswerAsync(http);
        });
        await using var bed = new FetchBed(FetchBed.Fast with { IdleTimeout = TimeSpan.FromDays(9), Deadline = TimeSpan.FromDays(9) }, clock: clock);

        var checkpoint = await bed.FetchAsync(server.Url("/orders.csv"));
        Assert.False(checkpoint.IsComplete);
        while (!checkpoint.IsComplete)
        {
            var next = await bed.FetchAsync(server.Url("/orders.csv"), checkpoint);
            Assert.True(next.Bytes > checkpoint.Bytes);
            checkpoint = next;
        }

        Assert.Equal(file.Content, await bed.ReadAsync(checkpoint));
        Assert.Same(checkpoint, await bed.FetchAsync(server.Url("/orders.csv"), checkpoint));
    }

    [Theory]
    [InlineData("/orders.csv", "application/octet-stream", null, "text/csv", null)]
    [InlineData("/orders.csv.gz", "application/x-gzip", null, "text/csv", "gzip")]
    [InlineData("/orders.ndjson.zst", "text/plain", null, "application/x-ndjson", "zstd")]
    [InlineData("/orders", "text/csv; charset=utf-16", null, "text/csv; charset=utf-16", null)]
    [InlineData("/orders.parquet", "binary/octet-stream", null, "application/vnd.apache.parquet", null)]
    [InlineData("/orders.csv.gz", "text/csv", "identity", "text/csv", null)]
    public async Task What_a_file_is_says_the_server_or_its_name(string path, string answered, string? encoding, string type, string? compression)
    {
        await using var server = await FetchServer.StartAsync((http, _) => (RemoteFile.Of(10) with { ContentType = answered }).AnswerAsync(http));
        await using var bed = new FetchBed();

        var fetched = await bed.FetchAsync(new FetchRequest { Url = server.Url(path), ContentEncoding = encoding });

        Assert.Equal((type, compression), (fetched.ContentType, fetched.ContentEncoding));
    }

    [Fact]
    public async Task A_file_that_nothing_says_what_it_is_is_refused()
    {
        await using var server = await FetchServer.StartAsync((http, _) => (File with { ContentType = "text/html" }).AnswerAsync(http));
        await using var bed = new FetchBed();

        Assert.Equal("UnsupportedMediaType", (await bed.FailAsync(server.Url("/orders?sig=secret"))).Code);
        Assert.Equal("text/csv", (await bed.FetchAsync(new FetchRequest { Url = server.Url("/orders"), ContentType = "text/csv" })).ContentType);
    }

    [Fact]
    public async Task The_query_is_never_told()
    {
        await using var server = await FetchServer.StartAsync((http, count) => (File with { CutAfter = 10, ETag = null }).AnswerAsync(http));
        await using var bed = new FetchBed();

        var failure = await bed.FailAsync(server.Url("/orders.csv?sig=secret"));

        Assert.NotEmpty(bed.Logs.All);
        Assert.DoesNotContain("secret", $"{failure}{string.Join('\n', bed.Logs.All)}", StringComparison.Ordinal);
    }
}
