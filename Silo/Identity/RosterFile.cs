using System.Collections.Immutable;
using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Identity;

/// <summary>
/// The roster in <c>roster.json</c>, read again when the file changes. A changed file that the root did not sign, or an older one, is
/// not believed: the last good roster stays. A missing file is nobody at the start.
/// </summary>
internal sealed partial class RosterFile : IDirectory
{
    /// <summary>File systems stamp changes in steps of milliseconds, so a file that changed this lately may have changed twice.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(100);

    private readonly string _path;
    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly ILogger<RosterFile> _logger;
    private readonly Lock _lock = new();
    private Roster _current;
    private (DateTime Changed, long Length) _seen;

    /// <param name="root">The root's public key in base64.</param>
    /// <exception cref="OutsideException">The file is there and the root did not sign what it says.</exception>
    public RosterFile(string path, string root, TimeProvider time, ILogger<RosterFile> logger)
    {
        (_path, _root, _time, _logger) = (path, root, time, logger);
        _seen = Settle(Stamp());
        _current = File.Exists(path) ? Roster.Read(path, root) : Roster.Empty;
    }

    public Person? Find(string id) => Current().Find(id);

    public Person? FindByEmail(string email) => Current().FindByEmail(email);

    public Person? FindByAccount(string account) => Current().FindByAccount(account);

    public ImmutableArray<Person> AccountsOf(string id) => Current().AccountsOf(id);

    /// <summary>Every team that somebody is in.</summary>
    public ImmutableSortedSet<string> Teams() => [.. Current().People.SelectMany(person => person.Teams)];

    private Roster Current()
    {
        lock (_lock)
        {
            Look();
            return _current;
        }
    }

    private void Look()
    {
        var stamp = Stamp();
        if (stamp == _seen)
        {
            return;
        }
        _seen = Settle(stamp);
        try
        {
            var found = Roster.Read(_path, _root);
            if (found.Number >= _current.Number)
            {
                _current = found;
                return;
            }
            LogOlder(_path, found.Number, _current.Number);
        }
        catch (OutsideException exception)
        {
            _seen = default;
            LogNotBelieved(exception, _path, _current.Number);
        }
    }

    private (DateTime Changed, long Length) Settle((DateTime Changed, long Length) stamp) =>
        (_time.GetUtcNow().UtcDateTime - stamp.Changed).Duration() > Settled ? stamp : default;

    private (DateTime Changed, long Length) Stamp()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} has number {Found}, older than {Known}; the known roster stays.")]
    private partial void LogOlder(string path, long found, long known);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is not believed; the roster with number {Known} stays.")]
    private partial void LogNotBelieved(Exception exception, string path, long known);
}
