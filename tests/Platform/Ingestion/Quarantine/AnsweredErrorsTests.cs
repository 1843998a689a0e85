using System.Globalization;
using DataPlatform.Lake;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Quarantine;

public sealed class AnsweredErrorsTests
{
    private const string Contract = """
        { "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "amount", "type": "float64", "min": 0},
                      {"name": "email", "type": "string", "pattern": "@", "pii": "mask"} ], "raw": "redacted" }
        """;

    [Fact]
    public async Task The_first_hundred_errors_have_place_rule_value_and_fix()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        var rows = Enumerable.Range(1, 80).Select(id => string.Create(CultureInfo.InvariantCulture, $"x{id},-1,a@b.c\n"));
        var receipt = await bed.PostAsync("orders", "id,amount,email\n" + string.Concat(rows));

        var errors = (await ErrorsAsync(bed, receipt))!;
        Assert.Equal((80, 100), (receipt.Quarantined, errors.Count));
        Assert.Equal((1, 2, 16, "id", "type", "x1"), (errors[0].Row, errors[0].Line, errors[0].Offset, errors[0].Column, errors[0].Rule, errors[0].Value));
        Assert.Equal((1, "amount", "min", "-1"), (errors[1].Row, errors[1].Column, errors[1].Rule, errors[1].Value));
        Assert.Equal((50, "amount"), (errors[99].Row, errors[99].Column));
        Assert.All(errors, error => Assert.NotEmpty(error.Fix));
    }

    [Fact]
    public async Task Personal_values_are_not_repeated()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        var error = Assert.Single((await ErrorsAsync(bed, await bed.PostAsync("orders", "id,amount,email\n1,1,Ada.Lovelace\n")))!);
        Assert.Equal(("email", "pattern"), (error.Column, error.Rule));
        Assert.DoesNotContain("Lovelace", $"{error}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nothing_is_added_where_no_row_is_broken_or_the_file_is_gone()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        Assert.Null(await ErrorsAsync(bed, await bed.PostAsync("orders", "id,amount,email\n1,1,a@b.c\n")));
        var broken = await bed.PostAsync("orders", "id,amount,email\nx,1,a@b.c\n");
        await bed.Objects.TryDeleteAsync(LakePath.Parse(broken.Quarantine!), null, default);
        Assert.Null(await ErrorsAsync(bed, broken));
    }

    private static Task<IReadOnlyList<Preview.PreviewError>?> ErrorsAsync(BatchBed bed, Operations.Receipt receipt) =>
        bed.Services.GetRequiredService<AnsweredErrors>().OfAsync(receipt, default);
}
