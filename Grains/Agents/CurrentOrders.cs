using Maestro.Deployments;
using Maestro.Messages;

namespace Maestro.Agents;

/// <summary>The orders that an agent is busy with: one for each stage of an attempt, and none that asks where the attempt goes back.</summary>
internal sealed class CurrentOrders
{
    private readonly Dictionary<(int Attempt, Stage Stage), CurrentOrder> _orders = [];
    private readonly HashSet<int> _goingBack = [];

    public IEnumerable<CurrentOrder> All => _orders.Values;

    public bool Holds(CurrentOrder current) => !current.Ended && _orders.GetValueOrDefault(KeyOf(current.Order)) == current;

    public void Remove(CurrentOrder current) => _orders.Remove(KeyOf(current.Order));

    /// <summary>Takes the order up. What it takes the place of has ended and has come back when this returns.</summary>
    /// <returns>Null where nothing is to be done: it is under way already, or a late copy asks for what is being undone.</returns>
    public async Task<CurrentOrder?> TakeUpAsync(WorkOrder order, Func<CurrentOrder> begin)
    {
        var key = KeyOf(order);
        if (order.Kind == OrderKind.Undo)
        {
            _goingBack.Add(key.Attempt);
            await EndAskedAsync(key);
        }
        if (_orders.TryGetValue(key, out var current))
        {
            if (current.Order.Kind == order.Kind && current.Order.Binding.Try == order.Binding.Try)
            {
                return null;
            }
            await current.EndAsync();
            if (_orders.GetValueOrDefault(key) != current)
            {
                return null;
            }
        }
        // Looked at last: an undo may have come while what this takes the place of was waited for.
        return order.Kind == OrderKind.Ask && _goingBack.Contains(key.Attempt) ? null : _orders[key] = begin();
    }

    // A stage that answered may be at it again for a copy of its order, and would touch what the undo restores.
    private async Task EndAskedAsync((int Attempt, Stage Stage) undone)
    {
        foreach (var (key, asked) in _orders.Where(each => each.Key.Attempt == undone.Attempt && each.Key != undone).ToList())
        {
            if (asked.Order.Kind == OrderKind.Ask)
            {
                await asked.EndAsync();
                if (_orders.GetValueOrDefault(key) == asked)
                {
                    _orders.Remove(key);
                }
            }
        }
    }

    private static (int Attempt, Stage Stage) KeyOf(WorkOrder order) => (order.Binding.Attempt, order.Binding.Stage);
}
