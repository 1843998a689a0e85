using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace DataPlatform.Local.Runtime.Tests.Official;

/// <summary>Prints types and members the way the official listings do, but without namespaces.</summary>
internal static class SignaturePrinter
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(decimal)] = "decimal",
        [typeof(short)] = "short",
        [typeof(uint)] = "uint",
        [typeof(ulong)] = "ulong",
    };

    /// <summary>The name in the listing's second column, with its namespace.</summary>
    public static string NameOf(Type type) =>
        $"{type.Namespace}.{(type.DeclaringType is { } outer ? $"{Simple(outer)}.{Simple(type)}" : Simple(type))}";

    public static (string Kind, string Base, IReadOnlyList<string> Interfaces) Header(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return ("public delegate", "", []);
        }

        var kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType ? "struct"
            : type.GetMethod("<Clone>$") is not null ? "record class"
            : "class";
        var modifier = kind is "enum" or "interface" or "struct" ? ""
            : type.IsAbstract && type.IsSealed ? "static "
            : type.IsAbstract ? "abstract "
            : type.IsSealed ? "sealed "
            : "";
        var parent = type.IsEnum ? Name(Enum.GetUnderlyingType(type)) : type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) ? Name(b) : "";
        return ($"public {modifier}{kind}", parent, type.IsEnum ? [] : [.. type.GetInterfaces().Select(i => Name(i))]);
    }

    public static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(n => $"enum value {n} = {Convert.ToInt64(Enum.Parse(type, n), CultureInfo.InvariantCulture)}");
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return [$"delegate {Return(invoke)} ({Parameters(invoke)})"];
        }

        return type.GetConstructors(Declared).Where(c => !c.IsStatic && Visible(c)).Select(Constructor)
            .Concat(type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily).Select(Field))
            .Concat(type.GetProperties(Declared).Where(p => p.GetAccessors(true).Any(Visible)).Select(Property))
            .Concat(type.GetMethods(Declared).Where(IsListed).Select(Method));
    }

    /// <returns>Null for what a listing has no line for.</returns>
    public static string? Member(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => Constructor(constructor),
        FieldInfo field => Field(field),
        PropertyInfo property => Property(property),
        MethodInfo { DeclaringType: var type } when typeof(Delegate).IsAssignableFrom(type) => Members(type!).Single(),
        MethodInfo method => Method(method),
        _ => null,
    };

    private static bool IsListed(MethodInfo method) =>
        Visible(method) && !method.Name.StartsWith('<') && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal));

    private static string Constructor(ConstructorInfo constructor) =>
        $"ctor {Access(constructor)} {Simple(constructor.DeclaringType!).Split('<')[0]}({Parameters(constructor)})";

    private static string Field(FieldInfo field)
    {
        var modifiers = field.IsLiteral ? " const" : (field.IsStatic ? " static" : "") + (field.IsInitOnly ? " readonly" : "");
        var value = field.IsLiteral ? $" = {Literal(field.GetRawConstantValue(), field.FieldType)}" : "";
        return $"field {(field.IsPublic ? "public" : "protected")}{modifiers} {Name(field.FieldType, new NullabilityInfoContext().Create(field))} {field.Name}{value}";
    }

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(true).Where(Visible).ToList();
        var first = accessors[0];
        var get = property.GetMethod is { } g && Visible(g) ? "get; " : "";
        var set = property.SetMethod is { } s && Visible(s)
            ? (s.IsFamily && !first.IsFamily ? "protected " : "") + (s.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; ")
            : "";
        return $"property {Prefix(first)}{Name(property.PropertyType, new NullabilityInfoContext().Create(property))} {property.Name} {{ {get}{set}}}";
    }

    private static string Method(MethodInfo method)
    {
        var generics = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";
        var self = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return $"method {Prefix(method)}{Return(method)} {method.Name}{generics}({self}{Parameters(method)}){Constraints(method)}";
    }

    private static string Constraints(MethodInfo method) => string.Concat(
        (method.IsGenericMethodDefinition ? method.GetGenericArguments() : []).Select(argument =>
        {
            var parts = new List<string>();
            if (argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            {
                parts.Add("class");
            }

            parts.AddRange(argument.GetGenericParameterConstraints().Select(c => Name(c)));
            return parts.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", parts)}";
        }));

    private static string Prefix(MethodBase method)
    {
        if (method.DeclaringType!.IsInterface)
        {
            return "";
        }

        var kind = method.IsStatic ? "static "
            : method is not MethodInfo info ? ""
            : info.IsAbstract ? "abstract "
            : info.GetBaseDefinition() != info ? (info.IsFinal ? "sealed override " : "override ")
            : info.IsVirtual && !info.IsFinal ? "virtual "
            : "";
        return $"{Access(method)} {kind}";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Return(MethodInfo method) => Name(method.ReturnType, new NullabilityInfoContext().Create(method.ReturnParameter));

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
    {
        var prefix = p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : p.IsOut ? "out " : p.ParameterType.IsByRef ? "ref " : "";
        var value = p.HasDefaultValue ? $" = {Literal(p.DefaultValue, p.ParameterType)}" : "";
        return $"{prefix}{Name(p.ParameterType, new NullabilityInfoContext().Create(p))} {p.Name}{value}";
    }));

    private static string Literal(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        bool b => b ? "true" : "false",
        string s => $"\"{s}\"",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        var mark = !type.IsValueType && !type.IsGenericParameter && nullability is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable } ? "?" : "";
        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[]{mark}";
        }

        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword + mark;
        }

        var name = type.Name.Split('`')[0];
        var arguments = type.GetGenericArguments();
        return arguments.Length == 0 || type.IsGenericParameter
            ? name + mark
            : $"{name}<{string.Join(", ", arguments.Select((a, i) => Name(a, nullability?.GenericTypeArguments is { Length: > 0 } n ? n[i] : null)))}>{mark}";
    }

    private static string Simple(Type type) => type.IsGenericTypeDefinition
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(a => a.Name))}>"
        : type.Name;
}
