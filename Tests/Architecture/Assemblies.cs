using System.Reflection;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Outside;
using Maestro.Screen;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Maestro.Architecture;

/// <summary>The four assemblies of the product, and what their code refers to.</summary>
internal static class Assemblies
{
    public static Assembly Interfaces { get; } = typeof(DeploymentId).Assembly;

    public static Assembly Grains { get; } = typeof(UntrustedText).Assembly;

    public static Assembly Silo { get; } = typeof(SelfCommand).Assembly;

    public static Assembly Client { get; } = typeof(DeploymentTree).Assembly;

    public static IReadOnlyList<Assembly> All { get; } = [Interfaces, Grains, Silo, Client];

    /// <summary>The types that people wrote; what compilers generate is left out.</summary>
    public static IEnumerable<Type> TypesOf(Assembly assembly) => assembly.GetTypes().Where(type =>
        !type.Name.Contains('<', StringComparison.Ordinal)
        && type.Namespace is { } space && space.StartsWith("Maestro", StringComparison.Ordinal)
        && !type.Name.StartsWith("Invokable_", StringComparison.Ordinal)
        && type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null
        && type.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is null);

    /// <summary>The types of an assembly, without nested ones, in which a method is called.</summary>
    public static IReadOnlyList<string> CallersOf(Assembly assembly, string type, string method)
    {
        using var module = ModuleDefinition.ReadModule(assembly.Location);
        return
        [
            .. module.GetTypes()
                .Where(caller => caller.Methods.Any(body => body.HasBody && body.Body.Instructions.Any(instruction => Calls(instruction, type, method))))
                .Select(caller => Outermost(caller).FullName)
                .Distinct(),
        ];
    }

    /// <summary>The types of an assembly, without nested ones, whose fields, variables or instructions name a type of a namespace.</summary>
    public static IReadOnlyList<string> UsersOf(Assembly assembly, string space)
    {
        using var module = ModuleDefinition.ReadModule(assembly.Location);
        return [.. module.GetTypes().Where(type => Named(type).Any(named => IsOf(named, space))).Select(type => Outermost(type).FullName).Distinct()];
    }

    /// <summary>The types that an assembly names, each with the assembly it is in.</summary>
    public static IReadOnlyList<(string Assembly, string Namespace, string Name)> ReferencesOf(Assembly assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly.Location);
        return [.. module.GetTypeReferences().Select(reference => (reference.Scope.Name, Outermost(reference).Namespace, reference.Name))];
    }

    private static IEnumerable<TypeReference> Named(TypeDefinition type) =>
        type.Fields.Select(field => field.FieldType).Concat(type.Methods.Where(method => method.HasBody).SelectMany(method =>
            method.Body.Variables.Select(variable => variable.VariableType).Concat(method.Body.Instructions.Select(instruction => instruction.Operand switch
            {
                MethodReference called => called.DeclaringType,
                FieldReference field => field.DeclaringType,
                TypeReference named => named,
                _ => null,
            }).OfType<TypeReference>())));

    private static bool IsOf(TypeReference type, string space) => Outermost(type).Namespace is { } own
        && (own == space || own.StartsWith($"{space}.", StringComparison.Ordinal));

    private static bool Calls(Instruction instruction, string type, string method) =>
        (instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Ldftn or Code.Ldvirtftn)
        && instruction.Operand is MethodReference called && called.Name == method && called.DeclaringType.FullName == type;

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
