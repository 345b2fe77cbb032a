"""Trains street-edge: what is the thing that moved, and where does it end?

    lepton train dataset street --output DATA/train (apps/Lepton.Trainer)
    nice -n 10 /usr/bin/python3 train_edge.py DATA/train DATA/check model.onnx

Reads crops.bin and crops.csv of both folders (see StreetDataset.cs). Needs Debian's python3-torch 1.13 and python3-onnx; one thread; seeded.
"""
import sys

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

CLASSES = ["person", "bicycle", "car", "van", "truck", "bus", "unclear", "nothing"]
ROAD_USERS = 6
EPOCHS, BATCH, SEED = 14, 128, 7


def load(folder):
    rows = [line.rstrip("\n").split(",") for line in open(f"{folder}/crops.csv")]
    label = torch.tensor([CLASSES.index(row[0]) for row in rows])
    numbers = torch.tensor([[float(v) for v in row[1:]] for row in rows])
    crops = np.memmap(f"{folder}/crops.bin", np.uint8, "r", shape=(len(rows), 4, 32, 48))
    return torch.from_numpy(np.array(crops)), numbers[:, :5], label, numbers[:, 5:]


class BlobNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.see = nn.Sequential(
            nn.Conv2d(4, 12, 3, 2, 1), nn.BatchNorm2d(12), nn.ReLU(),
            nn.Conv2d(12, 24, 3, 2, 1), nn.BatchNorm2d(24), nn.ReLU(),
            nn.Conv2d(24, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 32, 3, 1, 1), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten())
        self.join = nn.Sequential(nn.Linear(32 * 4 * 6 + 5, 48), nn.ReLU(), nn.Dropout(0.1))
        self.label = nn.Linear(48, len(CLASSES))
        self.box = nn.Linear(48, 4)

    def forward(self, crops, measures):
        joined = self.join(torch.cat([self.see(crops), measures], 1))
        return self.label(joined), self.box(joined)


class Exported(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, crops, measures):
        label, box = self.net(crops, measures)
        return torch.softmax(label, 1), box


def main(train, check, out):
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    crops, measures, label, box = load(train)
    held = load(check)
    print(f"{len(label)} crops to train, {len(held[2])} to check")
    counts = torch.bincount(label, minlength=len(CLASSES)).float()
    weights = (counts.mean() / counts).sqrt()
    net = BlobNet()
    optimizer = torch.optim.Adam(net.parameters(), 2e-3, weight_decay=1e-5)
    steps = EPOCHS * (len(label) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps)
    for epoch in range(EPOCHS):
        net.train()
        order, total = torch.randperm(len(label)), 0.0
        for at in range(0, len(label), BATCH):
            pick = order[at:at + BATCH]
            x, m, y, b = crops[pick].float() / 255, measures[pick].clone(), label[pick], box[pick].clone()
            # A street seen in a mirror is a street.
            flip = torch.rand(len(pick)) < 0.5
            x[flip] = x[flip].flip(3)
            m[flip, 2] = 1 - m[flip, 2]
            b[flip, 0] = -b[flip, 0]
            x[:, :3] = x[:, :3] * (0.85 + 0.3 * torch.rand(len(pick), 1, 1, 1))
            scores, boxes = net(x, m)
            known = y < ROAD_USERS
            loss = F.cross_entropy(scores, y, weights) + 2 * F.smooth_l1_loss(boxes[known], b[known], beta=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(pick)
        print(f"epoch {epoch + 1}: loss {total / len(label):.4f}", report(net, held), flush=True)
    export(net, out)


def report(net, held):
    net.eval()
    with torch.no_grad():
        scores, boxes = net(held[0].float() / 255, held[1])
    known = held[2] < ROAD_USERS
    right = scores.argmax(1) == held[2]
    shares = [f"{name} {right[held[2] == i].float().mean():.2f}" for i, name in enumerate(CLASSES)]
    return f"right {right.float().mean():.3f} ({', '.join(shares)}), box error {(boxes - held[3])[known].abs().mean():.3f}"


def export(net, out):
    torch.onnx.export(Exported(net.eval()), (torch.zeros(2, 4, 32, 48), torch.zeros(2, 5)), out, opset_version=13,
                      input_names=["crops", "measures"], output_names=["scores", "boxes"],
                      dynamic_axes={name: {0: "n"} for name in ("crops", "measures", "scores", "boxes")})
    model = onnx.load(out)
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, out)
    print(f"{out}: {sum(p.numel() for p in net.parameters())} parameters")


if __name__ == "__main__":
    main(*sys.argv[1:4])
