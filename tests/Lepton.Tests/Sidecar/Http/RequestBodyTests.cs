using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Lepton.Tests.Sidecar.Http;

/// <summary>Bodies as Go's decoders take them: what they forgive, and the words in which they refuse the rest.</summary>
public sealed class RequestBodyTests
{
    private const string Resources = TestRun.Memory + """

        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: sqlite }
        spec: { type: state.sqlite, version: v1, metadata: [ { name: connectionString, value: "x.db" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: locks }
        spec: { type: lock.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: files }
        spec: { type: bindings.localstorage, version: v1, metadata: [ { name: rootPath, value: "FOLDER" } ] }
        """;

    [Theory]
    // State: the first value counts, names in any case, null leaves a member as it was, half a surrogate pair is no fault.
    [InlineData("POST", "/v1.0/state/store", """[{"KEY":"a","key":null,"Value":1,"METADATA":{"x":"1"}}] trailing""", 204, "")]
    [InlineData("POST", "/v1.0/state/store", """[{"key":"s","value":"\ud800x"}]""", 204, "")]
    [InlineData("POST", "/v1.0/state/store", "null", 204, "")]
    [InlineData("POST", "/v1.0/state/store", "{}", 400, "json: cannot unmarshal object into Go value of type []state.SetRequest")]
    [InlineData("POST", "/v1.0/state/store", "", 400, "EOF")]
    [InlineData("POST", "/v1.0/state/store", """[{"key":"a"},]""", 400, "invalid character ']' looking for beginning of value")]
    [InlineData("POST", "/v1.0/state/store", "[1]", 400, "json: cannot unmarshal number into Go value of type state.SetRequest")]
    [InlineData("POST", "/v1.0/state/store", """[{"key":1}]""", 400, "json: cannot unmarshal number into Go struct field SetRequest.key of type string")]
    [InlineData("POST", "/v1.0/state/store", """[{"key":"a","metadata":{"x":true}}]""", 400, "json: cannot unmarshal bool into Go struct field SetRequest.metadata of type string")]
    [InlineData("POST", "/v1.0/state/store", """[{"key":"a","options":{"concurrency":1}}]""", 400, "json: cannot unmarshal number into Go struct field SetStateOption.options.Concurrency of type string")]
    [InlineData("POST", "/v1.0/state/store", """[{"key":"a","value":1e999}]""", 400, "json: cannot unmarshal number 1e999 into Go struct field SetRequest.value of type float64")]
    [InlineData("POST", "/v1.0/state/store", """[{"value":1}]""", 400, "\"key\" is a required field")]
    [InlineData("POST", "/v1.0/state/store/bulk", """{"Keys":["a"]} and more""", 200, null)]
    [InlineData("POST", "/v1.0/state/store/bulk", """{"keys":"a"}""", 400, "failed deserializing HTTP body: json: cannot unmarshal string into Go struct field BulkGetRequest.keys of type []string")]
    [InlineData("POST", "/v1.0/state/store/bulk", """{"keys":["a"],"parallelism":1.5}""", 400, "failed deserializing HTTP body: json: cannot unmarshal number 1.5 into Go struct field BulkGetRequest.parallelism of type int")]
    [InlineData("POST", "/v1.0/state/store/transaction", """{"OPERATIONS":[{"Operation":"upsert","Request":{"KEY":"t","VALUE":2}}]}x""", 204, "")]
    [InlineData("POST", "/v1.0/state/store/transaction", "[]", 400, "failed deserializing HTTP body: json: cannot unmarshal array into Go value of type http.stateTransactionRequestBody")]
    [InlineData("POST", "/v1.0/state/store/transaction", """{"operations":[1]}""", 400, "failed deserializing HTTP body: json: cannot unmarshal number into Go struct field stateTransactionRequestBody.operations of type http.stateTransactionRequestBodyOperation")]
    [InlineData("POST", "/v1.0/state/store/transaction", """{"operations":[{"operation":"upsert","request":{"key":1,"etag":{"a":[1.5,1e6]}}}]}""", 400,
        "failed deserializing HTTP body: 2 error(s) decoding:\n\n* 'ETag' expected type 'string', got unconvertible type 'map[string]interface {}', value: 'map[a:[1.5 1e+06]]'\n* 'Key' expected type 'string', got unconvertible type 'float64', value: '1'")]
    [InlineData("POST", "/v1.0/state/store/transaction", """{"operations":[{"operation":"upsert","request":"x"}]}""", 400, "failed deserializing HTTP body: 1 error(s) decoding:\n\n* '' expected a map, got 'string'")]
    [InlineData("POST", "/v1.0/state/store/transaction", """{"operations":[{"operation":"get","request":{"key":"a"}}]}""", 400, "operation type get not supported")]
    // What a store refuses.
    [InlineData("POST", "/v1.0/state/store", """[{"key":"a","value":1,"metadata":{"ttlInSeconds":"x"}}]""", 500, "failed saving state in state store store: strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("POST", "/v1.0/state/sqlite", """[{"key":"a","value":1,"metadata":{"ttlInSeconds":"99999999999999999999"}}]""", 500, "failed saving state in state store sqlite: error parsing TTL: incorrect value for metadata 'ttlInSeconds': strconv.ParseInt: parsing \"99999999999999999999\": value out of range")]
    [InlineData("POST", "/v1.0/state/sqlite", """[{"key":"a","value":1,"metadata":{"ttlInSeconds":"2147483648"}}]""", 500, "failed saving state in state store sqlite: error parsing TTL: incorrect value for metadata 'ttlInSeconds': must be -1 or greater")]
    [InlineData("POST", "/v1.0/state/store", """[{"key":"a","value":1,"metadata":{"ttlInSeconds":"9223372036854775807"}}]""", 204, "")]
    [InlineData("POST", "/v1.0/state/sqlite", """[{"key":"b","etag":"x","value":1},{"key":"c","etag":"x","value":1}]""", 409, "failed saving state in state store sqlite: possible etag mismatch. error from state store: possible etag mismatch. error from state store\npossible etag mismatch. error from state store")]
    // Bindings.
    [InlineData("POST", "/v1.0/bindings/files", """{"OPERATION":"create","Data":"x","MetaData":{"fileName":"f"}} more""", 200, null)]
    [InlineData("POST", "/v1.0/bindings/files", "[]", 400, "failed deserializing HTTP body: json: cannot unmarshal array into Go value of type http.OutputBindingRequest")]
    [InlineData("POST", "/v1.0/bindings/files", """{"operation":1}""", 400, "failed deserializing HTTP body: json: cannot unmarshal number into Go struct field OutputBindingRequest.operation of type string")]
    // Bulk publish.
    [InlineData("POST", "/v1.0/publish/bulk/bus/t", """[{"ENTRYID":"1","event":"x","ContentType":"text/plain"}] more""", 204, "")]
    [InlineData("POST", "/v1.0/publish/bulk/bus/t", "{}", 400, "error when unmarshaling the request for topic t pubsub bus: json: cannot unmarshal object into Go value of type []http.bulkPublishMessageEntry")]
    [InlineData("POST", "/v1.0/publish/bulk/bus/t", """[{"entryId":1}]""", 400, "error when unmarshaling the request for topic t pubsub bus: json: cannot unmarshal number into Go struct field bulkPublishMessageEntry.entryId of type string")]
    [InlineData("POST", "/v1.0/publish/bulk/bus/t", """[{"entryId":"1","event":"abc!","contentType":"application/octet-stream"}]""", 400, "error when marshalling cloud event envelope for topic t pubsub bus: error: unable to decode base64 application/octect-stream data: illegal base64 data at input byte 3")]
    [InlineData("POST", "/v1.0/publish/bus/t?metadata.rawPayload=", "x", 204, "")]
    // Protobuf's JSON: exact names in two spellings, numbers as texts, places of faults.
    [InlineData("POST", "/v1.0-alpha1/lock/locks", """{"resource_id":"r","lockOwner":"o","expiryInSeconds":"10","other":1}""", 200, null)]
    [InlineData("POST", "/v1.0-alpha1/lock/locks", """{"ResourceId":"r","lockOwner":"o","expiryInSeconds":10}""", 400, "ResourceId is empty in lock store locks")]
    [InlineData("POST", "/v1.0-alpha1/lock/locks", """{"resourceId":5}""", 400, "failed deserializing HTTP body: proto: (line 1:15): invalid value for string field resourceId: 5")]
    [InlineData("POST", "/v1.0-alpha1/lock/locks", "{\"resourceId\":\"r\",\n \"expiryInSeconds\": 1.5}", 400, "failed deserializing HTTP body: proto: (line 2:21): invalid value for int32 field expiryInSeconds: 1.5")]
    [InlineData("POST", "/v1.0-alpha1/lock/locks", """{"resourceId":"r","resource_id":"s"}""", 400, "failed deserializing HTTP body: proto: (line 1:19): duplicate field \"resource_id\"")]
    [InlineData("POST", "/v1.0-alpha1/lock/locks", "{", 400, "failed deserializing HTTP body: proto: unexpected EOF")]
    [InlineData("POST", "/v1.0-alpha1/lock/locks", "[]", 400, "failed deserializing HTTP body: proto: syntax error (line 1:1): unexpected token [")]
    [InlineData("POST", "/v1.0-alpha1/lock/absent", """{"resourceId":"r","lockOwner":"o"}""", 400, "ExpiryInSeconds is not positive in lock store absent")]
    [InlineData("POST", "/v1.0-alpha1/lock/locks", """{"resourceId":"a||b","lockOwner":"o","expiryInSeconds":1}""", 500, "failed to try acquiring lock: input key/keyPrefix 'a||b' can't contain '||'")]
    [InlineData("POST", "/v1.0/jobs/j", """{"due_time":"1h","failurePolicy":{"constant":{"interval":"1m"}}}""", 400, "failed deserializing HTTP body: proto: (line 1:58): invalid google.protobuf.Duration value \"1m\"")]
    [InlineData("POST", "/v1.0/jobs/j", """{"due_time":"1h","repeats":null,"failure_policy":{"constant":{"max_retries":"3"}}}""", 204, "")]
    // Paths: a plus sign is a space, dots and doubled slashes go, a name is one segment.
    [InlineData("POST", "/v1.0//state/./store", """[{"key":"p q","value":7}]""", 204, "")]
    [InlineData("GET", "/v1.0/state/store/p+q", null, 200, null)]
    [InlineData("GET", "/v1.0/state/store/a/b", null, 404, "failed getting app id either from the URL path or the header dapr-app-id")]
    [InlineData("HEAD", "/v1.0/state/store/a", null, 404, "")]
    public async Task Answers_as_daprd(string verb, string path, string? body, int status, string? message)
    {
        await using var run = new TestRun();
        run.Add("a", Resources.Replace("FOLDER", run.StateFolder + "-files", StringComparison.Ordinal), withApp: false);
        await run.StartAsync();
        foreach (var before in path.Contains("p+q", StringComparison.Ordinal) ? (string[])["""[{"key":"p q","value":7}]"""] : []) (await run.PostAsync("a", "/v1.0/state/store", before)).Dispose();
        using var request = new HttpRequestMessage(new HttpMethod(verb), new Uri(run.Url("a", path), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await run.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        if (message is null) return;
        if (message.Length > 0) text = JsonDocument.Parse(text).RootElement.GetProperty("message").GetString()!;
        Assert.Equal(message, text);
    }
}
