using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.Workflow;

/// <summary>The HTTP API of workflows.</summary>
internal static class WorkflowRoutes
{
    private static readonly string[] Prefixes = ["/v1.0", "/v1.0-beta1", "/v1.0-alpha1"];

    internal static void MapWorkflows(this IEndpointRouteBuilder routes, VirtualSidecar sidecar)
    {
        var api = new WorkflowApi(sidecar);
        foreach (var prefix in Prefixes)
        {
            var workflows = prefix + "/workflows/{component}/{id}";
            routes.MapGet(workflows, (RequestDelegate)(context => Guard(context, () => Get(context, api))));
            Post("/start", context => Start(context, api));
            Post("/raiseEvent/{name}", context => Raise(context, api));
            Post("/pause", context => Order(context, api, api.PauseAsync));
            Post("/resume", context => Order(context, api, api.ResumeAsync));
            Post("/terminate", context => Order(context, api, api.TerminateAsync));
            Post("/purge", context => Order(context, api, api.PurgeAsync));

            void Post(string path, RequestDelegate handle) => routes.MapPost(workflows + path, (RequestDelegate)(context => Guard(context, () => handle(context))));
        }
    }

    private static string Value(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private static async Task Guard(HttpContext context, Func<Task> handle)
    {
        try
        {
            await handle().ConfigureAwait(false);
        }
        catch (WorkflowApiFault fault)
        {
            await fault.Error.WriteAsync(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone.
        }
    }

    private static async Task Start(HttpContext context, WorkflowApi api)
    {
        var input = await BodyAsync(context, api).ConfigureAwait(false);
        var headers = context.Request.Headers;
        // The second segment of a start is the workflow's name.
        var given = context.Request.Query.FirstOrDefault(static member => member.Key == "instanceID").Value;
        var id = await api.StartAsync(given.Count > 0 ? given[0]! : "", Value(context, "id"), input, null, (Trace.Of(headers), Trace.StateOf(headers)), context.RequestAborted).ConfigureAwait(false);
        await Answer.Write(context, 202, json => json.WriteString("instanceID"u8, id)).ConfigureAwait(false);
    }

    private static async Task Raise(HttpContext context, WorkflowApi api)
    {
        var input = await BodyAsync(context, api).ConfigureAwait(false);
        await Accept(context, api.RaiseAsync(Value(context, "id"), Value(context, "name"), input, context.RequestAborted)).ConfigureAwait(false);
    }

    private static async Task Accept(HttpContext context, Task work)
    {
        await work.ConfigureAwait(false);
        await Answer.Json(context, 202, "{}"u8.ToArray()).ConfigureAwait(false);
    }

    // A body is not needed, but one that is there has to be a JSON object.
    private static async Task Order(HttpContext context, WorkflowApi api, Func<string, CancellationToken, Task> order)
    {
        CheckObject(await BodyAsync(context, api).ConfigureAwait(false));
        await Accept(context, order(Value(context, "id"), context.RequestAborted)).ConfigureAwait(false);
    }

    private static void CheckObject(byte[] body)
    {
        try
        {
            using var document = ProtoDocument.Parse(body);
            document.Root.Text("instanceID");
            document.Root.Text("workflowComponent");
        }
        catch (JsonException fault)
        {
            throw WorkflowApi.Malformed(fault.Message);
        }
    }

    // None at all is an empty text, not nothing.
    private static async Task<byte[]> BodyAsync(HttpContext context, WorkflowApi api)
    {
        using var body = await Body.ReadAsync(context, api.MaxBody).ConfigureAwait(false);
        return body.TooLarge ? throw WorkflowApi.TooLarge() : body.Bytes.ToArray();
    }

    private static async Task Get(HttpContext context, WorkflowApi api)
    {
        var id = Value(context, "id");
        var state = await api.GetAsync(id).ConfigureAwait(false) ?? throw WorkflowApi.NotFound(id);
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
