using DurableTask.Core.Exceptions;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>Turns what the durable client throws into statuses: 409 when the instance exists, else 400.</summary>
internal static class ClientCalls
{
    public static async Task<IResult> RunAsync(Func<Task<IResult>> call)
    {
        try
        {
            return await call();
        }
        catch (OrchestrationAlreadyExistsException exception)
        {
            return Results.Json(new { exception.Message }, statusCode: StatusCodes.Status409Conflict);
        }
        catch (OperationCanceledException)
        {
            return Results.StatusCode(StatusCodes.Status408RequestTimeout);
        }
        catch (Exception exception)
        {
            return Results.Json(new { exception.Message, Type = exception.GetType().Name }, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    public static Task<IResult> RunAsync(Func<Task> call) => RunAsync(async () =>
    {
        await call();
        return Results.NoContent();
    });
}
