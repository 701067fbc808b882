namespace Maestro.Storage;

[Alias("maestro.tests.INoteGrain")]
public interface INoteGrain : IGrainWithStringKey
{
    [Alias("WriteAsync")]
    Task WriteAsync(string text);

    [Alias("ReadAsync")]
    Task<string> ReadAsync();

    [Alias("ClearAsync")]
    Task ClearAsync();

    [Alias("RemindAsync")]
    Task RemindAsync(string name);

    [Alias("ForgetAsync")]
    Task ForgetAsync(string name);

    [Alias("RemindersAsync")]
    Task<IReadOnlyList<string>> RemindersAsync();
}

[GenerateSerializer, Alias("maestro.tests.note")]
public sealed class Note
{
    [Id(0)] public string Text { get; set; } = "";
}

internal sealed class NoteGrain([PersistentState("note", "notes")] IPersistentState<Note> note) : Grain, INoteGrain, IRemindable
{
    public Task WriteAsync(string text)
    {
        note.State.Text = text;
        return note.WriteStateAsync();
    }

    public Task<string> ReadAsync() => Task.FromResult(note.State.Text);

    public Task ClearAsync() => note.ClearStateAsync();

    public async Task RemindAsync(string name) => await this.RegisterOrUpdateReminder(name, TimeSpan.FromHours(1), TimeSpan.FromHours(1));

    public async Task ForgetAsync(string name)
    {
        if (await this.GetReminder(name) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    public async Task<IReadOnlyList<string>> RemindersAsync() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName)];

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}
