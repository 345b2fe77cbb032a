// An app with the JavaScript SDK: state, publish/subscribe, invocation and actors, over HTTP and gRPC. It says what it got in one line and ends.
const { AbstractActor, ActorId, ActorProxyBuilder, CommunicationProtocolEnum, DaprClient, DaprServer, HttpMethod, Temporal } = require("@dapr/dapr");

const [appPort, httpPort, grpcPort] = process.argv.slice(2);
const appId = "js-app";
const heard = [];

class JsCounter extends AbstractActor {
  async add(amount) {
    const [had, count] = await this.getStateManager().tryGetState("count");
    const sum = (had ? count : 0) + amount;
    await this.getStateManager().setState("count", sum);
    return sum;
  }

  async remind() {
    await this.registerActorReminder("wake", Temporal.Duration.from({ milliseconds: 50 }), Temporal.Duration.from({ milliseconds: 100 }), undefined, "up");
    await this.registerActorTimer("tick", "ring", Temporal.Duration.from({ milliseconds: 50 }), undefined, undefined, 7);
  }

  async ring(data) {
    heard.push(`timer ${data}`);
  }

  async receiveReminder(data) {
    heard.push(`reminder ${data}`);
    await this.unregisterActorReminder("wake");
  }
}

async function until(condition, what) {
  for (let i = 0; !condition(); i++) {
    if (i > 400) throw new Error(`not within 20 s: ${what}; heard ${heard.join(", ")}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

async function tryState(client) {
  const got = {};
  await client.state.save("store", [{ key: "a", value: { n: 1 } }, { key: "b", value: "two" }]);
  got.object = await client.state.get("store", "a");
  got.bulk = (await client.state.getBulk("store", ["a", "b", "none"])).map(item => item.key).sort();
  await client.state.transaction("store", [
    { operation: "upsert", request: { key: "c", value: "three" } },
    { operation: "delete", request: { key: "b" } },
  ]);
  got.kept = await client.state.get("store", "c");
  got.deleted = await client.state.get("store", "b");
  await client.state.delete("store", "a");
  got.gone = await client.state.get("store", "a");
  return got;
}

async function main() {
  const clientOptions = { daprHost: "127.0.0.1", daprPort: httpPort, communicationProtocol: CommunicationProtocolEnum.HTTP };
  const server = new DaprServer({ serverHost: "127.0.0.1", serverPort: appPort, clientOptions });
  await server.pubsub.subscribe("bus", "orders", async data => {
    heard.push(`order ${JSON.stringify(data)}`);
  });
  await server.invoker.listen("hello", async ({ body }) => ({ said: JSON.parse(body).name }), { method: HttpMethod.POST });
  await server.actor.init();
  await server.actor.registerActor(JsCounter);
  await server.start();

  const http = new DaprClient(clientOptions);
  const grpc = new DaprClient({ daprHost: "127.0.0.1", daprPort: grpcPort, communicationProtocol: CommunicationProtocolEnum.GRPC });
  const answers = { http: await tryState(http), grpc: await tryState(grpc) };
  await http.pubsub.publish("bus", "orders", { id: 1 });
  await grpc.pubsub.publish("bus", "orders", { id: 2 });
  await http.pubsub.publishBulk("bus", "orders", [{ id: 3 }, { id: 4 }]);
  await until(() => [1, 2, 3, 4].every(id => heard.includes(`order {"id":${id}}`)), "four orders");
  answers.invoked = await http.invoker.invoke(appId, "hello", HttpMethod.POST, { name: "ada" });

  const counter = new ActorProxyBuilder(JsCounter, http).build(new ActorId("one"));
  await counter.add(2);
  answers.count = await counter.add(3);
  await counter.remind();
  await until(() => heard.includes("reminder up") && heard.includes("timer 7"), "reminder and timer");
  answers.reminders = heard.filter(word => word.startsWith("reminder")).length;
  process.stdout.write("answers " + JSON.stringify(answers) + "\n");
  process.exit(0);
}

main().catch(fault => {
  console.error(fault);
  process.exit(1);
});
