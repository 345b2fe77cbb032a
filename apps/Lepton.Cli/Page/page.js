"use strict";
// Figures come as a stream of the whole state; answers and their payloads are fetched beside it.
const byId = id => document.getElementById(id);
const shownAnswers = 24;
const payloads = new Map();
let cut = false;

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const count = value => value.toLocaleString("en");
const share = value => value === null ? "–" : value.toFixed(3);
const size = bytes => bytes < 1e4 ? `${bytes} B` : bytes < 1e7 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
const milliseconds = value => value === null ? "–" : value < 10 ? value.toFixed(1) : Math.round(value);
const beforeAfter = figure => figure.edgeOnly === null ? "–" : `${share(figure.edgeOnly)} → ${share(figure.final)}`;

function figureCard(name, one) {
  const of = Math.max(one.events, 1);
  const waiting = Math.max(one.pending, 0);
  const bar = make("div", { className: "bar", role: "img", ariaLabel: `${one.answered} answered at the edge, ${one.corrected} corrected, ${waiting} waiting` },
    ...[["at-edge", one.answered], ["corrected", one.corrected], ["waiting", waiting]].map(([kind, part]) => {
      const piece = make("i", { className: kind });
      piece.style.width = `${100 * part / of}%`;
      return piece;
    }));
  const facts = [
    ["events", count(one.events)], ["answered at the edge", count(one.answered)], ["escalated", count(one.escalated)], ["corrected", count(one.corrected)],
    ["waiting", count(waiting)], ["dead-lettered", count(one.deadLettered)], ["lost", count(one.lost), one.lost > 0], ["duplicated", count(one.duplicated), one.duplicated > 0],
    ["p50 / p99 ms", `${milliseconds(one.latencyMs.p50)} / ${milliseconds(one.latencyMs.p99)}`], ["sent up", size(one.uplink.bytes)], ["if all went up", size(one.uplink.bytesIfAll)],
    ["changed answers", count(one.changed)], ["gate", one.gate ?? "–"],
    ["accuracy", beforeAfter(one.accuracy)], ["sensitivity", beforeAfter(one.sensitivity)], ["specificity", beforeAfter(one.specificity)],
  ];
  return make("article", { className: "card" }, make("h3", { textContent: name }), bar,
    make("dl", {}, ...facts.map(([term, text, bad]) => make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: text, className: bad ? "bad" : "" })))));
}

function show(state) {
  cut = state.uplinkCut;
  document.body.classList.toggle("cut", cut);
  byId("phase").textContent = `${state.phase} · ${Math.round(state.seconds)} s${cut ? " · the way to the cloud is cut: the edge answers on, escalations wait" : ""}`;
  const button = byId("cut");
  button.disabled = state.phase === "starting" || state.phase === "ended";
  button.textContent = cut ? "Restore the uplink" : "Cut the uplink";
  button.setAttribute("aria-pressed", cut);
  byId("figures").replaceChildren(...Object.entries(state.pipelines).map(([name, one]) => figureCard(name, one)));
  byId("apps").replaceChildren(...state.apps.map(app => make("tr", {},
    ...[app.name, app.pid ?? "–", app.up ? "up" : "starting", app.restarts].map(text => make("td", { textContent: text })))));
  byId("notes").replaceChildren(...state.notes.slice().reverse().map(note => make("li", { textContent: note })));
}

function follow() {
  const stream = new EventSource("/api/stream");
  stream.onmessage = message => show(JSON.parse(message.data));
  stream.onerror = () => { byId("phase").textContent = "no connection to `lepton up`"; byId("cut").disabled = true; };
}

const keyOf = result => result.subject.slice(result.subject.indexOf("/") + 1);

function said(answer) {
  if (!answer) return "no answer";
  const score = answer.scores && answer.labels ? ` ${Math.round(100 * answer.scores[answer.labels.indexOf(answer.label)])} %` : "";
  return (answer.boxes ? `${answer.boxes.length} found` : answer.label ?? answer.value ?? "–") + score;
}

async function payloadOf(pipeline, key) {
  const id = `${pipeline}/${key}`;
  if (!payloads.has(id)) {
    const answer = await fetch(`/api/payloads/${id}`);
    if (!answer.ok) return null;
    const picture = (answer.headers.get("content-type") ?? "").startsWith("image/");
    payloads.set(id, picture ? { image: await createImageBitmap(await answer.blob()) } : { series: await answer.json() });
    if (payloads.size > 200) payloads.delete(payloads.keys().next().value);
  }
  return payloads.get(id);
}

function drawSeries(context, series, { width, height }, ink) {
  const signals = Object.values(series.signals ?? {});
  signals.forEach((samples, row) => {
    const [least, most] = [Math.min(...samples), Math.max(...samples)];
    const top = row * height / signals.length + 8, tall = height / signals.length - 16;
    context.strokeStyle = ink[row % ink.length];
    context.lineWidth = 2;
    context.beginPath();
    samples.forEach((sample, i) => {
      const x = i * width / Math.max(samples.length - 1, 1), y = top + tall * (1 - (sample - least) / (most - least || 1));
      i ? context.lineTo(x, y) : context.moveTo(x, y);
    });
    context.stroke();
  });
  if (signals.length === 0) {
    context.fillStyle = ink[0];
    context.font = "22px system-ui, sans-serif";
    Object.entries(series.values ?? {}).slice(0, 9).forEach(([name, value], i) => context.fillText(`${name}  ${value}`, 14, 30 + 30 * i));
  }
}

function drawBoxes(context, boxes, scale, colour, dashed) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 3;
  context.setLineDash(dashed ? [8, 6] : []);
  context.font = "600 20px system-ui, sans-serif";
  for (const box of boxes ?? []) {
    context.strokeRect(box.x * scale, box.y * scale, box.width * scale, box.height * scale);
    context.fillText(box.label, box.x * scale, Math.max(box.y * scale - 5, 18));
  }
}

function draw(canvas, payload, first, last) {
  const style = getComputedStyle(document.body);
  const [edge, cloud] = ["--edge", "--cloud"].map(name => style.getPropertyValue(name).trim());
  canvas.width = 600;
  canvas.height = payload.image ? Math.round(600 * payload.image.height / payload.image.width) : 300;
  const context = canvas.getContext("2d");
  if (!payload.image) return drawSeries(context, payload.series, canvas, [edge, style.getPropertyValue("--soft").trim()]);
  context.drawImage(payload.image, 0, 0, canvas.width, canvas.height);
  const scale = canvas.width / payload.image.width;
  drawBoxes(context, first?.answer?.boxes, scale, edge, last !== first);
  if (last !== first) drawBoxes(context, last?.answer?.boxes, scale, cloud, false);
}

async function answerCard([subject, revisions]) {
  const first = revisions.find(result => result.revision === 1), last = revisions.reduce((a, b) => b.revision > a.revision ? b : a);
  const payload = await payloadOf(last.pipeline, keyOf(last));
  if (!payload) return null;
  const canvas = make("canvas", { role: "img", ariaLabel: `${last.pipeline}: what ${last.device} sent` });
  draw(canvas, payload, first, last);
  const line = make("div", { className: "said" });
  if (first) line.append(make("span", { className: `from-edge${last !== first && said(first.answer) !== said(last.answer) ? " replaced" : ""}`, textContent: said(first.answer) }));
  if (last !== first) line.append("→", make("span", { className: "from-cloud", textContent: said(last.answer) }));
  else if (first.status === "provisional") line.append("→", make("span", { className: "open", textContent: "asked the cloud" }));
  return make("article", { className: "answer" }, canvas, line,
    make("p", { textContent: `${last.pipeline} · ${last.device.replace("urn:lepton:device:", "")} · ${new Date(last.decidedAt).toLocaleTimeString("en-GB")}` }));
}

async function refreshAnswers() {
  try {
    const seen = await (await fetch("/api/results")).json();
    const subjects = new Map();
    for (const { result } of seen) subjects.set(result.subject, [...(subjects.get(result.subject) ?? []), result]);
    const names = [...new Set(seen.map(one => one.result.pipeline))];
    const held = new Set((await Promise.all(names.map(async name => (await (await fetch(`/api/payloads/${name}`)).json()).map(key => `${name}/${key}`)))).flat());
    const newest = [...subjects].reverse().filter(([subject]) => held.has(subject) || payloads.has(subject));
    // Each pipeline gets its share of the places, and of these half go to corrected answers: they are the point, and rarer.
    const chosen = names.sort().flatMap(name => {
      const own = newest.filter(([subject]) => subject.startsWith(`${name}/`)), places = Math.floor(shownAnswers / names.length);
      const corrected = own.filter(([, all]) => all.length > 1).slice(0, places / 2);
      return [...corrected, ...own.filter(one => !corrected.includes(one))].slice(0, places);
    });
    const cards = (await Promise.all(chosen.map(answerCard))).filter(card => card);
    if (cards.length) byId("answers").replaceChildren(...cards);
  } catch {
    // `up` is ending or the checker is being restarted: what is shown stays.
  }
  setTimeout(refreshAnswers, 1500);
}

byId("cut").addEventListener("click", async () => {
  const button = byId("cut");
  button.disabled = true;
  const answer = await fetch("/api/uplink", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ cut: !cut }) });
  if (!answer.ok) byId("phase").textContent = (await answer.json()).detail ?? "the uplink could not be switched";
});

follow();
refreshAnswers();
