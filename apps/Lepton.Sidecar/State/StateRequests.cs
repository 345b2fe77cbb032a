using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.State;

/// <summary>Reads the JSON bodies of the state API.</summary>
internal static class StateRequests
{
    internal static List<StateWrite> Saves(GoDocument body, IReadOnlyDictionary<string, string>? query)
    {
        var writes = new List<StateWrite>();
        foreach (var item in body.Structs("state.SetRequest")) writes.Add(Write(item, query));
        return writes;
    }

    /// <summary>The operations of a transaction up to the first that is neither upsert nor delete, or whose request is no request; <paramref name="error"/> tells of that one.</summary>
    internal static List<StateWrite> Operations(GoDocument body, StateComponent component, IReadOnlyDictionary<string, string>? query, out ApiError? error)
    {
        error = null;
        var root = body.Struct("http.stateTransactionRequestBody");
        root.Texts("metadata");
        var operations = root.Structs("operations", "http.stateTransactionRequestBodyOperation").Select(static o => (Kind: o.Text("operation"), Request: o.Any("request"))).ToList();
        if (body.Fault is { } fault)
        {
            error = StateErrors.Malformed(fault);
            return [];
        }
        var writes = new List<StateWrite>(operations.Count);
        foreach (var (kind, request) in operations)
        {
            var write = new StateWrite("", default);
            if (kind is not ("upsert" or "delete")) error = StateErrors.Operation(kind);
            else if (TransactionRequest.Read(request, kind == "delete", query, out write) is { } wrong) error = StateErrors.Malformed(wrong);
            else if (component.Key(write.Key) is null) error = StateErrors.IllegalKey(component.Name, write.Key, inTransaction: true);
            if (error is not null) return writes;
            writes.Add(write);
        }
        return writes;
    }

    internal static List<string> Keys(GoDocument body)
    {
        var root = body.Struct("http.BulkGetRequest");
        root.Texts("metadata");
        root.Whole("parallelism");
        return root.List("keys");
    }

    private static StateWrite Write(GoStruct item, IReadOnlyDictionary<string, string>? query)
    {
        var options = item.Struct("options", "state.SetStateOption");
        return new StateWrite(item.Text("key"), item.Json("value"))
        {
            IsJson = true,
            ETag = item.TextOrNull("etag"),
            Concurrency = options.Text("Concurrency"),
            Consistency = options.Text("Consistency"),
            Metadata = Merged(item.Texts("metadata"), query),
        };
    }

    /// <summary>The metadata of an item with those of the query over it.</summary>
    internal static IReadOnlyDictionary<string, string>? Merged(Dictionary<string, string>? own, IReadOnlyDictionary<string, string>? query)
    {
        if (own is null) return query;
        foreach (var (key, value) in query ?? new Dictionary<string, string>()) own[key] = value;
        return own;
    }
}
