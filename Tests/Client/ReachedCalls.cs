using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Maestro.Commands;
using Maestro.Identity;

namespace Maestro.Client;

/// <summary>Which grain methods a command can reach, by its compiled code: through methods, lambdas and what <c>async</c> becomes.</summary>
internal sealed class ReachedCalls
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    private readonly HashSet<MethodBase> _seen = [];
    private readonly HashSet<MethodInfo> _calls = [];

    private ReachedCalls()
    {
    }

    /// <param name="verb">The class that makes the command.</param>
    public static IReadOnlySet<MethodInfo> Of(Type verb)
    {
        var reached = new ReachedCalls();
        foreach (var method in verb.GetMethods(All).Where(method => method.Name == "Create"))
        {
            reached.Follow(method);
        }
        return reached._calls;
    }

    private void Follow(MethodBase method)
    {
        if (method is MethodInfo call && call.GetCustomAttribute<AdmitsAttribute>() is not null)
        {
            _calls.Add(call);
            return;
        }
        if (method.DeclaringType?.Assembly != typeof(Verbs).Assembly || !_seen.Add(method))
        {
            return;
        }
        if (method.GetCustomAttribute<StateMachineAttribute>() is { StateMachineType: var machine })
        {
            Follow(machine.GetMethod("MoveNext", All)!);
        }
        foreach (var used in Used(method))
        {
            Follow(used);
        }
    }

    private static IEnumerable<MethodBase> Used(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var ofType = method.DeclaringType!.GetGenericArguments();
        var ofMethod = method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : [];
        for (var at = 0; at < code.Length;)
        {
            var opcode = code[at] == 0xFE ? Codes[(short)(0xFE00 | code[at + 1])] : Codes[code[at]];
            at += opcode.Size;
            if (opcode.OperandType is OperandType.InlineMethod)
            {
                yield return Definition(method.Module.ResolveMethod(BitConverter.ToInt32(code, at), ofType, ofMethod)!);
            }
            at += Length(opcode.OperandType, code, at);
        }
    }

    private static MethodBase Definition(MethodBase method) => method is MethodInfo { IsGenericMethod: true } made ? made.GetGenericMethodDefinition() : method;

    private static int Length(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };
}
