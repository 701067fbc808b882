using System.Collections.Immutable;

namespace Maestro.Storage.Postgres;

public sealed class PostgresSchemaTests : SchemaContract
{
    private protected override ImmutableArray<SchemaScript> Scripts => SchemaScript.Postgres;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_ten_that_apply_it_at_once_one_does()
    {
        var text = await (await PostgresServer.CurrentAsync()).CreateAsync(migrated: false);
        var applied = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            await using var source = new PostgresSource(text);
            return (await new PostgresSchema(TimeProvider.System).ApplyAsync(source, Cancellation)).Count;
        }));
        Assert.Equal([.. Enumerable.Repeat(0, 9), SchemaScript.Postgres.Length], applied.Order());
    }

    [Fact]
    public async Task A_database_without_the_schema_is_not_used()
    {
        await using var source = new PostgresSource(await (await PostgresServer.CurrentAsync()).CreateAsync(migrated: false));
        var schema = new PostgresSchema(TimeProvider.System);
        await Expect.RefusedAsync("data.older", () => schema.RequireAsync(source, Cancellation));
        await schema.ApplyAsync(source, Cancellation);
        await schema.RequireAsync(source, Cancellation);
    }

    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();

    private protected override Task<IReadOnlyList<string>> ApplyAsync(TestDatabase database, ImmutableArray<SchemaScript> scripts) =>
        new PostgresSchema(new SchemaHistory(scripts), TimeProvider.System, grants: false).ApplyAsync(((PostgresDatabase)database).Source, Cancellation);
}
