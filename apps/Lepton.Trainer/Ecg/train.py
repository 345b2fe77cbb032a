#!/usr/bin/python3
"""Trains ecg-edge and ecg-cloud on beats that Lepton's own detector found.

    ./lepton train dataset ecg --from $LEPTON_DATA/healthcare/mitdb --output /tmp/ecg
    apps/Lepton.Trainer/Ecg/train.py fit    --data /tmp/ecg --work /tmp/ecg-work     # leave-patients-out folds, then all patients
    apps/Lepton.Trainer/Ecg/train.py export --data /tmp/ecg --work /tmp/ecg-work --output workflows/models
    ./lepton train evaluate ecg --from $LEPTON_DATA/healthcare/mitdb --folds /tmp/ecg-work/folds

Needs Debian's python3-torch and python3-onnx. One thread, seeded: the same data give the same models on one machine.
All scaling is inside the networks, so serving hands over millivolts and seconds as they come.
"""
import argparse, csv, hashlib, json, os, time
import numpy as np, onnx, torch
import torch.nn as nn
import torch.nn.functional as F

FOLDS, SEEDS, EPOCHS, BATCH, NORMALS = 9, (1, 2, 3), 10, 256, 3
TEMPLATE_SECONDS = 300                          # as the twin builds the baseline
# Operating points, chosen on the pooled left-out patients: a logit of EDGE_AT is "abnormal from here on"; answers between
# EDGE_LOW and EDGE_HIGH are those to escalate, and come out with an uncertainty of 0.5 and more; likewise CLOUD_AT.
EDGE_AT, EDGE_LOW, EDGE_HIGH, CLOUD_AT = 0.0, -2.0, 3.5, -0.5
CLASSES = {**dict.fromkeys('NLRej', 0), **dict.fromkeys('AaJS', 1), **dict.fromkeys('VEF/fQ', 2), '?': -1}
RHYTHM = ['rrPrevious', 'rrNext', 'rrBefore', 'rrLocal', 'rrMean', 'rrSpread']
SHIFTS = (-6, -4, -2, 0, 2, 4, 6)               # samples by which the detector's peak may be off
LENGTH = 72                                     # samples at 90 Hz; the R peak is number 27


def rhythm(values):
    """How early the beat and its neighbours come, against the last intervals and the last five minutes."""
    previous, following, before, local, mean, spread = [values[:, i:i + 1].clamp(min=0.02) for i in range(6)]
    ratios = [previous / local, following / local, previous / mean, following / mean, before / mean, previous / following, local / mean]
    features = torch.cat([torch.log(ratio) for ratio in ratios] + [spread / local], 1).clamp(-1.2, 1.2)
    return torch.cat([features * 2, previous.clamp(max=3), torch.exp(-(previous / mean - 1).abs() * 8)], 1)


class Shape(nn.Module):
    """Three small convolutions and a hidden layer over shape and further features."""

    def __init__(self, channels, width, features, hidden, drop):
        super().__init__()
        self.c1 = nn.Conv1d(channels, width, 7, padding=3)
        self.c2 = nn.Conv1d(width, 2 * width, 5, padding=2)
        self.c3 = nn.Conv1d(2 * width, 2 * width, 3, padding=1)
        self.f1, self.f2, self.drop = nn.Linear(18 * width + features, hidden), nn.Linear(hidden, 3), nn.Dropout(drop)

    def forward(self, shape, features):
        for layer in (self.c1, self.c2, self.c3):
            shape = F.max_pool1d(F.relu(layer(shape)), 2)
        return self.f2(F.relu(self.f1(self.drop(torch.cat([shape.flatten(1), features], 1)))))


class Edge(nn.Module):
    """One lead at 90 Hz and the rhythm."""
    leads = 1

    def __init__(self):
        super().__init__()
        self.net = Shape(1, 6, 11, 20, 0.3)

    def see(self, beat, values):
        beat = beat[:, :1]
        beat = beat - beat.mean(2, keepdim=True)
        height = beat.abs().amax(2, keepdim=True) + 0.05
        return beat / height, torch.cat([rhythm(values), torch.log(height[:, :, 0])], 1)

    def forward(self, *inputs):
        return self.net(*self.see(*inputs))


class Cloud(nn.Module):
    """Beat, patient's usual beat and their difference, how alike they are, and the rhythm."""

    def __init__(self, leads):
        super().__init__()
        self.leads, self.net = leads, Shape(3 * leads, 12, 10 + 4 * leads, 32, 0.4)

    def see(self, beat, usual, values):
        beat, usual = beat[:, :self.leads], usual[:, :self.leads]
        known = (usual.abs().amax(2, keepdim=True).amax(1, keepdim=True) > 0.01).float()
        beat, usual = beat - beat.mean(2, keepdim=True), usual - usual.mean(2, keepdim=True)
        height, usually = beat.abs().amax(2, keepdim=True), usual.abs().amax(2, keepdim=True)
        scale = usually * known + height * (1 - known)
        # A lead with next to no signal must not be blown up to the size of the other.
        scale = torch.maximum(scale, 0.4 * scale.amax(1, keepdim=True)) + 0.05
        beat, usual = beat / scale, usual / scale
        core, likeness, distance = beat[:, :, 18:40], [], []
        for shift in range(-2, 3):
            other = usual[:, :, 18 + shift:40 + shift]
            likeness.append((core * other).sum(2) / torch.sqrt((core * core).sum(2) * (other * other).sum(2) + 1e-3))
            distance.append(((core - other) ** 2).mean(2))
        features = [torch.stack(likeness, 2).amax(2), torch.sqrt(torch.stack(distance, 2).amin(2) + 1e-4).clamp(max=1.5),
                    torch.log(height[:, :, 0] / scale[:, :, 0] + 0.05).clamp(-2, 2), known[:, :, 0].expand(-1, self.leads), rhythm(values)]
        return torch.cat([beat, (beat - usual) * known, usual], 1).clamp(-3, 3), torch.cat(features, 1)

    def forward(self, *inputs):
        return self.net(*self.see(*inputs))


class Served(nn.Module):
    """What is exported: networks of several seeds, from raw samples to two probabilities whose 0.5 is the operating point."""

    def __init__(self, nets, at, low, high, strangers=()):
        super().__init__()
        self.nets, self.at, self.strangers = nn.ModuleList(nets), at, nn.ModuleList(strangers)
        # Uncertainty 0.5 is a probability of 0.75, a logit of ln 3: here the band to escalate ends on each side.
        self.below, self.above = np.log(3) / (at - low), np.log(3) / (high - at)

    def forward(self, *inputs):
        inputs = [F.avg_pool1d(signal, 4) for signal in inputs[:-1]] + [inputs[-1]]
        # Networks that see the same leads share what they see: it is most of a small model's file.
        seen = {net.leads: net.see(*inputs) for net in self.nets}
        logit = torch.stack([abnormal(net.net(*seen[net.leads])) for net in self.nets]).mean(0) - self.at
        if len(self.strangers) > 0:
            # Of a patient whose usual beat is not known yet the cloud knows no more than the edge, and answers with its networks.
            beat, usual, values = inputs
            known = (usual.abs().amax(2).amax(1) > 0.01).float()
            seen = self.strangers[0].see(beat, values)
            alone = torch.stack([abnormal(net.net(*seen)) for net in self.strangers]).mean(0) - EDGE_AT
            logit = known * logit + (1 - known) * alone
        positive = torch.sigmoid(F.relu(logit) * self.above - F.relu(-logit) * self.below)
        return torch.stack([1 - positive, positive], 1)


def abnormal(output):
    """Logit of "not normal" out of the three class scores."""
    return torch.logsumexp(output[:, 1:], 1) - output[:, 0]


class Data:
    def __init__(self, folder):
        rows = list(csv.DictReader(open(os.path.join(folder, 'index.csv'))))
        self.record = np.array([row['record'] for row in rows])
        self.at = np.array([float(row['at']) for row in rows])
        self.values = torch.tensor([[float(row[name]) for name in RHYTHM] for row in rows])
        self.target = np.array([CLASSES[row['symbol']] for row in rows])
        self.beats = np.fromfile(os.path.join(folder, 'beats.f32'), '<f4').reshape(-1, 2, 288)
        self.records = sorted(set(self.record))
        self.missed = list(csv.DictReader(open(os.path.join(folder, 'missed.csv'))))
        self.folds = [self.records[i::FOLDS] for i in range(FOLDS)]

    def prepare(self):
        self.shifted = torch.stack([pool(np.roll(self.beats, shift, 2)) for shift in SHIFTS])
        random = np.random.RandomState(5)
        self.usual = {record: self.usual_beats(np.where((self.record == record) & (self.at < TEMPLATE_SECONDS))[0], random) for record in self.records}

    def usual_beats(self, early, random):
        """Usual beats to train with: the whole five minutes, parts of them as in the first minutes, and none."""
        medians = [np.median(self.beats[early], axis=0)] * 2
        for _ in range(6):
            start, count = random.randint(0, max(1, len(early) - 40)), random.randint(10, 120)
            medians.append(np.median(self.beats[early[start:start + count]], axis=0))
        return pool(np.array(medians + [np.zeros((2, 288))], np.float32))


def pool(beats):
    return F.avg_pool1d(torch.as_tensor(beats), 4)


LINE = torch.linspace(-1, 1, LENGTH)


def wander(rows, leads, size):
    draw = lambda: torch.randn(rows, leads, 1) * size
    return draw() * LINE + 0.6 * draw() * torch.sin((2 + 6 * torch.rand(rows, leads, 1)) * LINE + 6.28 * torch.rand(rows, leads, 1))


def now_and_then(rows, share):
    return (torch.rand(rows, 1, 1) < share).float()


def vary_edge(beat, values):
    rows = len(beat)
    beat = beat * torch.exp(0.25 * torch.randn(rows, 1, 1)) + wander(rows, 2, 0.1) + torch.randn_like(beat) * torch.rand(rows, 1, 1) * 0.03
    return beat, values * torch.exp(0.12 * torch.randn(rows, 1))


def vary_cloud(beat, usual, values):
    """Other amplitudes, another polarity of the second lead, electrodes that wander, hum or fall off."""
    rows = len(beat)
    gain = torch.exp(0.3 * torch.randn(rows, 2, 1))
    gain[:, 1:] *= torch.sign(torch.rand(rows, 1, 1) - 0.35)
    beat, usual = beat * gain, usual * gain
    beat = beat + wander(rows, 2, 0.1) + torch.randn_like(beat) * torch.rand(rows, 2, 1) * 0.03
    first, second = beat[:, :1], beat[:, 1:]
    first = first + now_and_then(rows, 0.06) * (wander(rows, 1, 0.3) + torch.randn(rows, 1, LENGTH) * torch.rand(rows, 1, 1) * 0.15)
    second = second + now_and_then(rows, 0.25) * (wander(rows, 1, 0.4) + torch.randn(rows, 1, LENGTH) * torch.rand(rows, 1, 1) * 0.3)
    fading = 1 - now_and_then(rows, 0.1) * torch.rand(rows, 1, 1)
    return torch.cat([first, second * fading], 1), torch.cat([usual[:, :1], usual[:, 1:] * fading], 1), values * torch.exp(0.12 * torch.randn(rows, 1))


def weights(data, rows):
    """Rare classes weigh more, by the square root; so do patients with few beats of a class. An epoch sees one normal beat in NORMALS."""
    weight, target = np.ones(len(rows), np.float32), data.target[rows]
    for record in set(data.record[rows]):
        for kind in range(3):
            mine = (data.record[rows] == record) & (target == kind)
            weight[mine] = max(mine.sum(), 20) ** -0.5
    for positive in (False, True):
        mine = (target > 0) == positive
        weight[mine] *= (np.sqrt(len(rows) / mine.sum()) if positive else NORMALS) / weight[mine].mean()
    return torch.tensor(weight)


def fit(data, rows, kind, seed, leads=2):
    torch.manual_seed(seed)
    net = Edge() if kind == 'edge' else Cloud(leads)
    target, weight, rows_tensor = torch.tensor(data.target[rows]), weights(data, rows), torch.tensor(rows)
    known = sorted(set(data.record[rows]))
    who, usual = torch.tensor([known.index(record) for record in data.record[rows]]), torch.stack([data.usual[record] for record in known])
    optimiser = torch.optim.Adam(net.parameters(), 3e-3, weight_decay=1e-4)
    normal, other = torch.tensor(np.where(data.target[rows] == 0)[0]), torch.tensor(np.where(data.target[rows] > 0)[0])
    steps = (len(normal) // NORMALS + len(other)) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=EPOCHS * steps)
    net.train()
    for _ in range(EPOCHS):
        order = torch.cat([normal[torch.randperm(len(normal))[:len(normal) // NORMALS]], other])
        order = order[torch.randperm(len(order))]
        for step in range(steps):
            some = order[step * BATCH:(step + 1) * BATCH]
            beat, values = data.shifted[torch.randint(0, len(SHIFTS), (BATCH,)), rows_tensor[some]], data.values[rows_tensor[some]]
            if kind == 'edge':
                output = net(*vary_edge(beat, values))
            else:
                output = net(*vary_cloud(beat, usual[who[some], torch.randint(0, usual.shape[1], (BATCH,))], values))
            loss = (F.cross_entropy(output, target[some], reduction='none', label_smoothing=0.02) * weight[some]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net.eval()


def members(kind):
    """Seed and leads of each network of a model; one of the cloud's sees the first lead alone, for records whose second is noise."""
    return [(1, 1), (2, 1)] if kind == 'edge' else [(seed, 1 if seed == 2 else 2) for seed in SEEDS]


def fit_all(arguments):
    data = Data(arguments.data)
    data.prepare()
    os.makedirs(arguments.work, exist_ok=True)
    begun = time.time()
    for kind in ('edge', 'cloud'):
        for seed, leads in members(kind):
            for fold, held in list(enumerate(data.folds)) + [('all', [])]:
                path = os.path.join(arguments.work, f'{kind}-{fold}-{seed}.pt')
                if os.path.exists(path):
                    continue
                rows = np.where(~np.isin(data.record, held) & (data.target >= 0))[0]
                torch.save(fit(data, rows, kind, seed, leads).state_dict(), path)
                print(f'{kind} without {" ".join(held) or "nobody"}, seed {seed}: {time.time() - begun:.0f} s', flush=True)


def load(arguments, kind, fold):
    edge = networks(arguments, 'edge', fold)
    if kind == 'edge':
        return Served(edge, EDGE_AT, EDGE_LOW, EDGE_HIGH)
    return Served(networks(arguments, 'cloud', fold), CLOUD_AT, CLOUD_AT - 2, CLOUD_AT + 2, edge)


def networks(arguments, kind, fold):
    nets = []
    for seed, leads in members(kind):
        net = Edge() if kind == 'edge' else Cloud(leads)
        net.load_state_dict(torch.load(os.path.join(arguments.work, f'{kind}-{fold}-{seed}.pt')))
        nets.append(net.eval())
    return nets


def export(arguments):
    data = Data(arguments.data)
    folds = os.path.join(arguments.work, 'folds')
    os.makedirs(folds, exist_ok=True)
    with open(os.path.join(folds, 'folds.csv'), 'w') as index:
        index.write('record,fold\n')
        index.writelines(f'{record},{fold}\n' for fold, held in enumerate(data.folds) for record in held)
    for fold, held in enumerate(data.folds):
        for kind in ('edge', 'cloud'):
            write(load(arguments, kind, fold).eval(), kind, os.path.join(folds, str(fold), 'models'))
    for kind in ('edge', 'cloud'):
        write(load(arguments, kind, 'all').eval(), kind, arguments.output)
    if arguments.vectors:
        write_vectors(arguments)


def write_vectors(arguments):
    """Made-up beats and what these networks say of them here: the product's test compares ONNX in C# with it."""
    random, time_axis = np.random.RandomState(3), (np.arange(288) - 108) / 360
    edge, cloud, cases = load(arguments, 'edge', 'all').eval(), load(arguments, 'cloud', 'all').eval(), []
    for case in range(6):
        width, height = 0.012 + 0.03 * random.rand(), random.uniform(-1.5, 1.5, (2, 1))
        beat = height * np.exp(-(time_axis / width) ** 2 / 2) - 0.3 * height * np.exp(-((time_axis - 0.25) / 0.05) ** 2 / 2) + 0.02 * random.randn(2, 288)
        usual = np.round(0.8 * beat + 0.1 * random.randn(2, 1), 3).astype(np.float32) if case else np.zeros((2, 288), np.float32)
        beat, values = np.round(beat, 3).astype(np.float32), np.round(random.uniform(0.4, 1.2, 6), 4).astype(np.float32)
        ask = lambda net, *inputs: [round(float(score), 6) for score in net(*[torch.tensor(i[None]) for i in inputs])[0]]
        with torch.no_grad():
            cases.append({'lead1': beat[0], 'lead2': beat[1], 'usual1': usual[0], 'usual2': usual[1], 'rhythm': values,
                          'edge': ask(edge, beat[:1], values), 'cloud': ask(cloud, beat, usual, values)})
    with open(arguments.vectors, 'w') as file:
        json.dump(cases, file, default=lambda array: [float(str(number)) for number in array], separators=(',', ':'))
        file.write('\n')


def write(model, kind, models):
    folder = os.path.join(models, f'ecg-{kind}', '1')
    os.makedirs(folder, exist_ok=True)
    path, leads = os.path.join(folder, 'model.onnx'), 1 if kind == 'edge' else 2
    signals = ['beat'] if kind == 'edge' else ['beat', 'baseline']
    names = signals + ['rhythm']
    torch.onnx.export(model, tuple([torch.rand(2, leads, 288) for _ in signals] + [torch.rand(2, 6) + 0.5]), path, opset_version=13,
                      input_names=names, output_names=['probabilities'], dynamic_axes={name: {0: 'batch'} for name in names + ['probabilities']})
    graph = onnx.load(path)
    graph.ir_version, graph.producer_name, graph.producer_version = 8, 'lepton', '1'
    for node in graph.graph.node:
        node.doc_string = ''
    onnx.save(graph, path)
    digest = hashlib.sha256(open(path, 'rb').read()).hexdigest()
    with open(os.path.join(folder, 'model.yaml'), 'w') as card:
        card.write(f'''apiVersion: lepton.dev/v1
kind: Model
metadata:
  name: ecg-{kind}
  version: "1"
spec:
  sha256: {digest}
  decoder: probabilities
  labels: [normal, abnormal]
  licence: Apache-2.0
''')
    print(f'{path}: {os.path.getsize(path)} bytes', flush=True)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('action', choices=['fit', 'export'])
    parser.add_argument('--data', required=True, help='folder written by `lepton train dataset ecg`')
    parser.add_argument('--work', required=True, help='folder for trained networks and the models of the folds')
    parser.add_argument('--output', default='workflows/models', help='folder for the models trained on all patients')
    parser.add_argument('--vectors', help='file for beats with the answers of the networks, for the product\'s test')
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    (fit_all if given.action == 'fit' else export)(given)
