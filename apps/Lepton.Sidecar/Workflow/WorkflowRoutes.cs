using System.Text;
using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow;

/// <summary>The HTTP API of workflows: a thin layer over the hub.</summary>
internal static class WorkflowRoutes
{
    private static readonly string[] Prefixes = ["/v1.0", "/v1.0-beta1", "/v1.0-alpha1"];

    internal static void MapWorkflows(this IEndpointRouteBuilder routes, VirtualSidecar sidecar)
    {
        var hub = sidecar.Workflows;
        foreach (var prefix in Prefixes)
        {
            var workflows = prefix + "/workflows/{component}/";
            routes.MapPost(workflows + "{name}/start", (RequestDelegate)(context => Start(context, hub)));
            routes.MapGet(workflows + "{id}", (RequestDelegate)(context => Get(context, hub)));
            routes.MapPost(workflows + "{id}/raiseEvent/{name}", (RequestDelegate)(context => Raise(context, hub)));
            Post("terminate", "TERMINATE", "terminating", static (hub, id, stop) => hub.TerminateAsync(id, null, recursive: true, stop));
            Post("pause", "PAUSE", "pausing", static (hub, id, stop) => hub.SuspendAsync(id, null, stop));
            Post("resume", "RESUME", "resuming", static (hub, id, stop) => hub.ResumeAsync(id, null, stop));
            Post("purge", "PURGE", "purging", static (hub, id, stop) => hub.PurgeAsync(id, recursive: true, force: false, stop));

            void Post(string verb, string code, string doing, Func<TaskHub, string, CancellationToken, Task> act) => routes.MapPost(workflows + "{id}/" + verb, (RequestDelegate)(context =>
            {
                var id = Value(context, "id");
                return Accept(context, $"ERR_{code}_WORKFLOW", $"error {doing} workflow '{id}'", id, () => act(hub, id, context.RequestAborted));
            }));
        }
    }

    private static string Value(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private static async Task Start(HttpContext context, TaskHub hub)
    {
        var id = context.Request.Query["instanceID"].ToString();
        if (id.Length == 0) id = Guid.NewGuid().ToString();
        if (InstanceId.Fault(id) is { } fault)
        {
            await Answer.Error(context, 400, fault.Code, fault.Message).ConfigureAwait(false);
            return;
        }
        var request = new CreateInstanceRequest { InstanceId = id, Name = Value(context, "name"), Input = await BodyAsync(context).ConfigureAwait(false) };
        await Guard(context, "ERR_START_WORKFLOW", $"error starting workflow '{request.Name}'", id, async () =>
        {
            await hub.StartAsync(request, context.RequestAborted).ConfigureAwait(false);
            await Answer.Write(context, 202, json => json.WriteString("instanceID"u8, id)).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static async Task Raise(HttpContext context, TaskHub hub)
    {
        var (id, name) = (Value(context, "id"), Value(context, "name"));
        var input = await BodyAsync(context).ConfigureAwait(false);
        await Accept(context, "ERR_RAISE_EVENT_WORKFLOW", $"error raising event on workflow '{id}'", id, () => hub.RaiseAsync(id, name, input, context.RequestAborted)).ConfigureAwait(false);
    }

    private static Task Accept(HttpContext context, string code, string what, string id, Func<Task> act) => Guard(context, code, what, id, async () =>
    {
        await act().ConfigureAwait(false);
        context.Response.StatusCode = 202;
    });

    private static async Task Guard(HttpContext context, string code, string what, string id, Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (WorkflowFault fault) when (fault.Message.EndsWith("no such instance exists", StringComparison.Ordinal))
        {
            await NotFound(context, id).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is WorkflowFault or StorageException)
        {
            await Answer.Error(context, 500, code, $"{what}: {fault.Message}").ConfigureAwait(false);
        }
    }

    private static Task NotFound(HttpContext context, string id) =>
        Answer.Error(context, 404, "ERR_INSTANCE_ID_NOT_FOUND", $"unable to find workflow with the provided instance ID: {id}");

    private static async Task<string?> BodyAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false);
        return text.Length == 0 ? null : text;
    }

    private static async Task Get(HttpContext context, TaskHub hub)
    {
        var id = Value(context, "id");
        if (await hub.GetAsync(id).ConfigureAwait(false) is not { } state)
        {
            await NotFound(context, id).ConfigureAwait(false);
            return;
        }
        await Answer.Write(context, 200, json =>
        {
            json.WriteString("instanceID"u8, id);
            if (state.Name.Length > 0) json.WriteString("workflowName"u8, state.Name);
            json.WriteString("createdAt"u8, Text(state.CreatedTimestamp));
            json.WriteString("lastUpdatedAt"u8, Text(state.LastUpdatedTimestamp));
            json.WriteString("runtimeStatus"u8, RuntimeStatus.Of(state));
            var properties = RuntimeStatus.Properties(state);
            if (properties.Count == 0) return;
            json.WriteStartObject("properties"u8);
            foreach (var (name, value) in properties) json.WriteString(name, value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    // The diagnostic form is the canonical JSON one, in quotes.
    private static string Text(Timestamp time) => time.ToString().Trim('"');
}
