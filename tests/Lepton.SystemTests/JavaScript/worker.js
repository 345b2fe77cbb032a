// A workflow worker with the JavaScript SDK: the same flows as Sidecar/Workers/Flows.cs.
const { WorkflowRuntime, DaprWorkflowClient } = require("@dapr/dapr");

const calls = new Map();
const activities = {
  AddOne: async (_, n) => n + 1,
  Flaky: async (_, { key, failures }) => {
    const call = (calls.get(key) ?? 0) + 1;
    calls.set(key, call);
    if (call <= failures) throw new Error(`failure ${call}`);
    return `call ${call}`;
  },
  Cycle: async () => {
    const loop = {};
    loop.self = loop;
    return loop;
  },
  HugeText: async (_, size) => "z".repeat(size),
};

const flows = {
  Chain: async function* (ctx, n) {
    for (let i = 0; i < 3; i++) n = yield ctx.callActivity("AddOne", n);
    return n;
  },
  // From 1 on: this SDK takes an input of 0 for none.
  FanOut: async function* (ctx, n) {
    const parts = yield ctx.whenAll([...Array(n).keys()].map(i => ctx.callActivity("AddOne", i + 1)));
    return parts.reduce((a, b) => a + b, 0);
  },
  Nap: async function* (ctx, ms) {
    yield ctx.createTimer(new Date(ctx.getCurrentUtcDateTime().getTime() + ms));
    return "rested";
  },
  Patience: async function* (ctx, ms) {
    const word = ctx.waitForExternalEvent("word");
    const late = ctx.createTimer(new Date(ctx.getCurrentUtcDateTime().getTime() + ms));
    const first = yield ctx.whenAny([word, late]);
    return first === word ? word.getResult() : "too late";
  },
  Parent: async function* (ctx, n) {
    return (yield ctx.callChildWorkflow("Chain", n)) + (yield ctx.callChildWorkflow("Chain", n * 10));
  },
  Rounds: async function* (ctx, heard) {
    heard.push(yield ctx.waitForExternalEvent("word"));
    if (heard.length === 3) return heard.join(" ");
    ctx.continueAsNew(heard, true);
  },
  // A custom status is text here; other SDKs read JSON.
  Staged: async function* (ctx) {
    ctx.setCustomStatus(JSON.stringify("waiting"));
    const word = yield ctx.waitForExternalEvent("word");
    ctx.setCustomStatus(JSON.stringify("heard"));
    yield ctx.createTimer(new Date(ctx.getCurrentUtcDateTime().getTime() + 20));
    return word;
  },
  // This SDK has no retry policy: a flow repeats by itself.
  Retrying: async function* (ctx, failures) {
    for (let attempt = 1; ; attempt++) {
      try {
        return yield ctx.callActivity("Flaky", { key: ctx.getWorkflowInstanceId(), failures });
      } catch (fault) {
        if (attempt === 3) throw fault;
        yield ctx.createTimer(new Date(ctx.getCurrentUtcDateTime().getTime() + 20));
      }
    }
  },
  Lost: async function* (ctx) {
    return yield ctx.callActivity("Nowhere", 1);
  },
  CyclicActivity: async function* (ctx) {
    return yield ctx.callActivity("Cycle", 1);
  },
  Cyclic: async function* () {
    return await activities.Cycle();
  },
  Huge: async function* (ctx, size) {
    return (yield ctx.callActivity("HugeText", size)).length;
  },
};

async function work() {
  const runtime = new WorkflowRuntime({ daprHost: "127.0.0.1", daprPort: process.argv[3] });
  for (const [name, flow] of Object.entries(flows)) runtime.registerWorkflowWithName(name, flow);
  for (const [name, activity] of Object.entries(activities)) runtime.registerActivityWithName(name, activity);
  await runtime.start();
}

// The client of this SDK, against whatever worker is connected.
async function ask() {
  const client = new DaprWorkflowClient({ daprHost: "127.0.0.1", daprPort: process.argv[3] });
  const finish = async id => (await client.waitForWorkflowCompletion(id, true, 20));
  const answers = {};
  answers.chain = (await finish(await client.scheduleNewWorkflow("Chain", 4))).serializedOutput;
  const id = await client.scheduleNewWorkflow("Staged", null, "js-staged");
  await client.waitForWorkflowStart(id, false, 20);
  answers.status = (await client.getWorkflowState(id, true)).customStatus;
  await client.suspendWorkflow(id);
  answers.suspended = (await client.getWorkflowState(id, false)).runtimeStatus;
  await client.resumeWorkflow(id);
  await client.raiseEvent(id, "word", "hello");
  answers.staged = (await finish(id)).serializedOutput;
  answers.purged = await client.purgeWorkflow(id);
  answers.gone = (await client.getWorkflowState(id, false)) === undefined;
  const endless = await client.scheduleNewWorkflow("Patience", 600000);
  await client.terminateWorkflow(endless, "enough");
  answers.terminated = (await finish(endless)).runtimeStatus;
  const failed = await finish(await client.scheduleNewWorkflow("Retrying", 9));
  answers.failure = failed.workflowFailureDetails?.getErrorMessage?.() ?? JSON.stringify(failed);
  const later = new Date(Date.now() + 400);
  const scheduled = await client.scheduleNewWorkflow("Chain", 1, "js-later", later);
  answers.pending = (await client.getWorkflowState(scheduled, false)).runtimeStatus;
  answers.later = (await finish(scheduled)).serializedOutput;
  await client.stop();
  process.stdout.write("answers " + JSON.stringify(answers) + "\n");
  process.exit(0);
}

(process.argv[2] === "work" ? work() : ask()).catch(fault => {
  console.error(fault);
  process.exit(1);
});
