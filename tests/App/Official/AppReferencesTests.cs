using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using DataPlatform.Local.Runtime.Tests.Official;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Tests.Official;

/// <summary>
/// What the compiled app takes from the local runtime, read from its metadata tables, must be there in the official packages too: else the
/// app builds here and not for Azure.
/// </summary>
public sealed class AppReferencesTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Runtime = typeof(FunctionAttribute).Assembly;
    private static readonly Module App = typeof(Program).Module;

    // Official, but of a package without a listing (DurableTask.Core).
    private static readonly string[] Unlisted = ["DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException"];

    // Members of generic types may speak of the type parameters of whoever uses them; which types those are makes no difference here.
    private static readonly Type[] AnyArguments = [.. Enumerable.Repeat(typeof(object), 8)];

    private static OfficialListing Listing
    {
        get
        {
            var listing = OfficialListing.Find();
            Assert.SkipWhen(
                listing is null,
                "The official listings are not here: put them in ../shared/api beside the repository, or name their folder in "
                + "DATAPLATFORM_OFFICIAL_API.");
            return listing!;
        }
    }

    [Fact]
    public void Every_type_the_app_uses_is_official()
    {
        var listing = Listing;
        var types = Types();

        Assert.Contains(typeof(HttpTriggerAttribute), types);
        NoneOf(types
            .Where(type => !listing.HasType(SignaturePrinter.NameOf(type)) && !Unlisted.Contains(type.FullName))
            .Select(type => $"not official: {type}"));
    }

    [Fact]
    public void Every_member_the_app_uses_is_official()
    {
        var listing = Listing;
        var members = Members().Concat(NamedArguments()).Where(member => !Unlisted.Contains(member.DeclaringType!.FullName)).ToHashSet();

        Assert.Contains(members, member => member is { Name: "Build", DeclaringType.Name: "FunctionsApplicationBuilder" });
        Assert.Contains(members, member => member.Name == "CallActivityAsync");
        NoneOf(members
            .Where(member => SignatureOf(member) is not { } line || !listing.Has(SignaturePrinter.NameOf(member.DeclaringType!), line))
            .Select(member => $"not official: {member.DeclaringType} {SignatureOf(member) ?? member.ToString()}"));
    }

    [Fact]
    public void What_the_app_implements_is_whole()
    {
        var listing = Listing;
        var bases = App.GetTypes()
            .SelectMany(type => type.GetInterfaces().Append(type.BaseType))
            .OfType<Type>()
            .Where(type => type.Assembly == Runtime)
            .Select(Open)
            .Distinct()
            .ToList();

        Assert.Contains(bases, type => type.Name == "IFunctionsWorkerMiddleware");
        NoneOf(bases.SelectMany(type => listing.AbstractsOf(SignaturePrinter.NameOf(type), type.IsInterface)
            .Except(SignaturePrinter.Members(type).Select(OfficialListing.Comparable))
            .Select(member => $"{type} lacks: {member}")));
    }

    private static void NoneOf(IEnumerable<string> faults)
    {
        var text = string.Join(Environment.NewLine, faults);
        Assert.True(text.Length == 0, text);
    }

    private static List<Type> Types() =>
    [
        .. Rows(reader => reader.TypeReferences.Select(handle => (EntityHandle)handle))
            .Select(token => App.ResolveType(token))
            .Where(type => type.Assembly == Runtime),
    ];

    // Only the runtime's own members are resolved: those of others may have constraints that AnyArguments don't meet, as Nullable<T> has.
    private static IEnumerable<MemberInfo> Members() => Rows(reader => reader.MemberReferences
            .Where(handle => DeclaringType(reader, reader.GetMemberReference(handle).Parent)?.Assembly == Runtime)
            .Select(handle => (EntityHandle)handle))
        .Select(token => App.ResolveMember(token, AnyArguments, AnyArguments)!)
        .Select(member => Open(member.DeclaringType!).GetMembers(Declared)
            .Single(candidate => candidate.HasSameMetadataDefinitionAs(member)));

    // [TimerTrigger("...", RunOnStartup = true)] names its property without a member reference.
    private static IEnumerable<MemberInfo> NamedArguments() => App.GetTypes()
        .SelectMany(type => type.GetMembers(Declared)
            .SelectMany(member => member.GetCustomAttributesData()
                .Concat(member is MethodBase method ? method.GetParameters().SelectMany(parameter => parameter.GetCustomAttributesData()) : []))
            .Concat(type.GetCustomAttributesData()))
        .Concat(App.Assembly.GetCustomAttributesData())
        .SelectMany(attribute => attribute.NamedArguments)
        .Select(argument => argument.MemberInfo)
        .Where(member => member.DeclaringType!.Assembly == Runtime);

    /// <summary>The type, open when it is generic, that a member reference's parent names; null for an array and for the app's own types.</summary>
    private static Type? DeclaringType(MetadataReader reader, EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeSpecification)
        {
            var signature = reader.GetBlobReader(reader.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
            if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            {
                return null;
            }

            signature.ReadCompressedInteger(); // class or value type
            parent = signature.ReadTypeHandle();
        }

        return parent.Kind == HandleKind.TypeReference ? App.ResolveType(MetadataTokens.GetToken(parent)) : null;
    }

    private static List<int> Rows(Func<MetadataReader, IEnumerable<EntityHandle>> rows)
    {
        using var file = new PEReader(File.OpenRead(App.FullyQualifiedName));
        return [.. rows(file.GetMetadataReader()).Select(handle => MetadataTokens.GetToken(handle))];
    }

    /// <summary>The line of the listing; of a property for its accessors.</summary>
    private static string? SignatureOf(MemberInfo member) =>
        member is MethodInfo { IsSpecialName: true } accessor && !accessor.Name.StartsWith("op_", StringComparison.Ordinal)
        ? SignaturePrinter.Members(member.DeclaringType!).SingleOrDefault(line =>
            line.StartsWith("property ", StringComparison.Ordinal) && line.Contains($" {accessor.Name[4..]} {{", StringComparison.Ordinal))
        : SignaturePrinter.Member(member);

    private static Type Open(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
}
