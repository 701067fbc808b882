using System.Text;
using Maestro.Audit;
using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Inbox;

/// <summary>What the endpoint of webhooks takes and what it turns away, over real HTTP and a real database.</summary>
public sealed class WebhookEndpointTests : IAsyncLifetime
{
    private readonly Database _database = new();
    private IInbox _inbox = null!;
    private WebhookServer _server = null!;

    public static TheoryData<string> NotSignatures =>
    [
        "", "sha256=", new string('0', 64), $"sha256={new string('0', 64)}", WebhookServer.Sign(Deliveries.Body())[..^2],
        WebhookServer.Sign(Deliveries.Body()).Replace("sha256", "sha1", StringComparison.Ordinal),
        WebhookServer.Sign(Deliveries.Body(action: "closed")), WebhookServer.Sign(Deliveries.Body(), Encoding.UTF8.GetBytes("not the secret")),
    ];

    public static TheoryData<string> NotBodies =>
    [
        "", "null", "[]", "{", "7", "{}", "not json", """{"action":"opened"}""",
        """{"action":"merged","application":"shop","head":"a","base":"b"}""",
        """{"action":"Opened","application":"shop","head":"a","base":"b"}""",
        """{"action":"opened","application":"shop","head":"a","base":"b"} {}""",
        """{"action":"opened","action":"closed","application":"shop","head":"a","base":"b"}""",
        """{"action":"opened","application":null,"head":"a","base":"b"}""",
        """{"action":"opened","application":"shop","head":7,"base":"b"}""",
        """{"action":"opened","application":"shop","head":"","base":"b"}""",
        """{"action":"opened","application":"shop","head":"a\u0000b","base":"b"}""",
        """{"action":"opened","application":"shop","head":"a\ud800","base":"b"}""",
        """{"action":"opened","application":"shop","head":"a","base":"b","delivery":"two"}""",
        $$"""{"action":"opened","application":"shop","head":"{{new string('a', 201)}}","base":"b"}""",
        $$"""{"action":"opened","application":"{{new string('a', 101)}}","head":"a","base":"b"}""",
        $$"""{"action":"opened","application":"shop","head":"a","base":"b","more":{{new string('[', 5000)}}{{new string(']', 5000)}}}""",
    ];

    [Fact]
    public async Task A_signed_delivery_is_answered_once_it_is_durable()
    {
        Assert.Equal(new(202, "Kept.", null), await _server.SendAsync(Deliveries.Body(padding: new string('x', 4000))));
        var waiting = Assert.Single(await WaitingAsync());
        Assert.Equal(("generic", "one", new(PullRequestAction.Opened, "shop", "feature", "main")), (waiting.Source, waiting.Id, waiting.Event));
        Assert.Equal(202, (await _server.SendAsync(Deliveries.Body(), "two", chunked: true)).Status);
        Assert.Empty(_server.Denials);
    }

    [Theory, MemberData(nameof(NotSignatures))]
    public async Task A_signature_that_does_not_fit_is_turned_away(string signature)
    {
        Assert.Equal(new(401, "The signature does not fit.", null), await SendWithAsync(_server, signature));
        Assert.Empty(await WaitingAsync());
        Assert.Equal("webhook:generic", Assert.Single(_server.Denials).Target);
    }

    [Theory, MemberData(nameof(NotSignatures))]
    public async Task Without_the_check_the_same_delivery_is_taken(string signature)
    {
        await using var believing = await WebhookServer.StartAsync(_inbox, (_, _, _) => true);
        Assert.Equal(202, (await SendWithAsync(believing, signature)).Status);
        Assert.Single(await WaitingAsync());
    }

    [Fact]
    public async Task A_changed_byte_and_another_sources_secret_are_turned_away()
    {
        var body = Deliveries.Body();
        var signature = WebhookServer.Sign(body);
        body[^3] ^= 1;
        Assert.Equal(401, (await _server.SendAsync(body, signature: signature)).Status);
        Assert.Equal(401, (await _server.SendAsync(Deliveries.Body(), source: "second")).Status);
        Assert.Equal(401, (await _server.SendAsync(Deliveries.Body(), source: "nobody")).Status);
        Assert.Equal(401, (await _server.SendAsync(Deliveries.Body(), source: "generic/more")).Status);
        Assert.Empty(await WaitingAsync());
    }

    [Theory, MemberData(nameof(NotBodies))]
    public async Task A_signed_body_that_is_not_understood_is_told_so(string body)
    {
        var reply = await _server.SendAsync(Encoding.UTF8.GetBytes(body));
        Assert.Equal(422, reply.Status);
        Assert.EndsWith(".", reply.Sentence, StringComparison.Ordinal);
        Assert.Empty(await WaitingAsync());
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_told_so()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes("""{"action":"opened","application":"shop","base":"b","head":" """.TrimEnd()), 0xff, .. "\"}"u8];
        Assert.Equal(422, (await _server.SendAsync(body)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public async Task An_id_that_is_not_plain_is_told_so(string id) => Assert.Equal(400, (await _server.SendAsync(Deliveries.Body(), id)).Status);

    [Theory]
    [InlineData("")]
    [InlineData("push")]
    public async Task Another_event_is_told_so(string kind) => Assert.Equal(422, (await _server.SendAsync(Deliveries.Body(), kind: kind)).Status);

    [Fact]
    public async Task A_body_of_a_mebibyte_is_taken_and_one_byte_more_is_not_announced_or_not()
    {
        var frame = Deliveries.Body().Length;
        var largest = Deliveries.Body(padding: new string('x', Delivery.MostBytes - frame));
        byte[] larger = [.. largest, (byte)' '];
        Assert.Equal(Delivery.MostBytes, largest.Length);
        Assert.Equal(202, (await _server.SendAsync(largest, "announced")).Status);
        Assert.Equal(202, (await _server.SendAsync(largest, "chunked", chunked: true)).Status);
        Assert.Equal(413, (await _server.SendAsync(larger)).Status);
        Assert.Equal(413, (await _server.SendAsync(larger, chunked: true)).Status);
        Assert.Equal(413, (await _server.SendAsync([.. larger, .. new byte[200_000]], chunked: true)).Status);
        Assert.Equal(2, (await WaitingAsync()).Length);
    }

    [Fact]
    public async Task A_repeated_id_is_kept_once_and_another_body_under_it_is_told_so()
    {
        Assert.Equal(202, (await _server.SendAsync(Deliveries.Body())).Status);
        Assert.Equal(new(202, "Kept before.", null), await _server.SendAsync(Deliveries.Body()));
        Assert.Equal(409, (await _server.SendAsync(Deliveries.Body(action: "closed"))).Status);
        Assert.Single(await WaitingAsync());
    }

    [Fact]
    public async Task A_delivery_that_names_itself_cannot_be_sent_again_under_another_id_and_one_that_does_not_can()
    {
        var bound = Encoding.UTF8.GetBytes("""{"action":"closed","application":"shop","head":"a","base":"b","delivery":"one"}""");
        Assert.Equal(202, (await _server.SendAsync(bound, "one")).Status);
        Assert.Equal(422, (await _server.SendAsync(bound, "again")).Status);
        Assert.Equal(202, (await _server.SendAsync(Deliveries.Body(), "first")).Status);
        Assert.Equal(202, (await _server.SendAsync(Deliveries.Body(), "again")).Status);
    }

    [Fact]
    public async Task A_thousand_at_once_are_all_kept_once()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 1000).Select(number => _server.SendAsync(Deliveries.Body(), $"id-{number % 900}")));
        // A sender that is told to send again does so.
        for (var number = 0; number < replies.Length; number++)
        {
            while (replies[number].Status == 503)
            {
                replies[number] = await _server.SendAsync(Deliveries.Body(), $"id-{number % 900}");
            }
        }
        Assert.All(replies, reply => Assert.Equal(202, reply.Status));
        Assert.Equal(900, (await WaitingAsync()).Select(waiting => waiting.Id).Distinct().Count());
        Assert.Equal(900, (await WaitingAsync()).Length);
    }

    [Fact]
    public async Task Of_a_flood_of_forgeries_few_are_noted_and_nothing_of_what_they_say()
    {
        var clock = new Clock();
        await using var server = await WebhookServer.StartAsync(_inbox, time: clock);
        for (var number = 0; number < 100; number++)
        {
            await server.SendAsync("hostile\n"u8.ToArray(), "hostile", "hostile", number % 2 == 0 ? "generic" : $"hostile-{number}");
        }
        Assert.Equal(2 * RefusalPace.AMinute, server.Denials.Count);
        clock.Advance(RefusalPace.Span);
        await server.SendAsync(Deliveries.Body(), signature: "none");
        Assert.Contains("after 30 more", server.Denials.Last().Found, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Denials, denial => denial.ToString().Contains("hostile", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_paths_and_methods_are_told_so()
    {
        Assert.Equal(404, await _server.AskAsync(HttpMethod.Post, "/"));
        Assert.Equal(404, await _server.AskAsync(HttpMethod.Get, "/health/ready"));
        Assert.Equal(405, await _server.AskAsync(HttpMethod.Get, "/webhooks/generic"));
    }

    [Fact]
    public async Task While_the_database_is_down_nothing_is_acknowledged()
    {
        await using var process = await PostgresProcess.StartAsync();
        await using var source = new PostgresSource(process.Text());
        await new PostgresSchema(TimeProvider.System).ApplyAsync(source, TestContext.Current.CancellationToken);
        await using var inbox = new PostgresInbox(source);
        await using var server = await WebhookServer.StartAsync(inbox);
        Assert.Equal(202, (await server.SendAsync(Deliveries.Body(), "before")).Status);
        await process.KillAsync();
        // A connection's own process may outlive the server for a moment; what it keeps is durable and counts.
        var (kept, reply) = (1, await server.SendAsync(Deliveries.Body(), "meanwhile-1"));
        while (reply.Status == 202 && kept < 1000)
        {
            kept++;
            reply = await server.SendAsync(Deliveries.Body(), $"meanwhile-{kept}");
        }
        Assert.Equal(new(503, "The delivery could not be kept now. Send it again.", "1"), reply);
        await process.StartAgainAsync();
        Assert.Equal(new(202, "Kept before.", null), await UntilAnsweredAsync(server, "before"));
        Assert.Equal(202, (await UntilAnsweredAsync(server, $"meanwhile-{kept}")).Status);
        Assert.Equal(kept + 1, (await inbox.ReadWaitingAsync(0, 2000, TestContext.Current.CancellationToken)).Length);
    }

    public async ValueTask InitializeAsync()
    {
        _inbox = _database.OpenInbox();
        _server = await WebhookServer.StartAsync(_inbox);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await ((IAsyncDisposable)_inbox).DisposeAsync();
        _database.Dispose();
    }

    // Connections that died with the server are found out one by one.
    private static async Task<WebhookReply> UntilAnsweredAsync(WebhookServer server, string id)
    {
        var reply = new WebhookReply(503, "", null);
        await Identity.Eventually.IsTrueAsync(async () => (reply = await server.SendAsync(Deliveries.Body(), id)).Status != 503);
        return reply;
    }

    private static Task<WebhookReply> SendWithAsync(WebhookServer server, string signature) => server.SendAsync(Deliveries.Body(), signature: signature);

    private Task<System.Collections.Immutable.ImmutableArray<WaitingDelivery>> WaitingAsync() =>
        _inbox.ReadWaitingAsync(0, 5000, TestContext.Current.CancellationToken);
}
