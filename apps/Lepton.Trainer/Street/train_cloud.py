"""Trains street-cloud: a small single-shot detector that sees the whole frame at once.

    lepton train dataset street --output DATA/train (apps/Lepton.Trainer)
    nice -n 10 /usr/bin/python3 train_cloud.py DATA/train DATA/check model.onnx [epochs]

Reads frames.bin and frames.csv of both folders (see StreetDataset.cs). The output has the layout of YOLOX (stride 8 alone), so the same decoder
reads both: x and y in cells from the cell's corner, logarithm of width and height in cells, objectness, one score a label.
Needs Debian's python3-torch 1.13 and python3-onnx; one thread; seeded.
"""
import os
import sys
import time

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

LABELS = ["person", "bicycle", "car", "van", "truck", "bus"]
HEIGHT, WIDTH, STRIDE = 192, 320, 8
ROWS, COLUMNS = HEIGHT // STRIDE, WIDTH // STRIDE
COUNTS, SHADY = 0.4, 0.15      # below the first share seen an object is neither asked for nor punished, below the second it is not there
BATCH, SEED = 16, 7


def load(folder):
    frames = os.path.getsize(f"{folder}/frames.bin") // (HEIGHT * WIDTH * 3)
    pixels = np.memmap(f"{folder}/frames.bin", np.uint8, "r", shape=(frames, HEIGHT, WIDTH, 3))
    objects = [[] for _ in range(frames)]
    for line in open(f"{folder}/frames.csv"):
        frame, label, *numbers = line.rstrip("\n").split(",")
        objects[int(frame)].append([LABELS.index(label), *map(float, numbers)])
    return pixels, objects


def targets(objects):
    """Heat (1 at an object's middle, falling off around it), cells that need no heat, and for the cells at its middle: label and box."""
    heat = np.zeros((ROWS, COLUMNS), np.float32)
    care = np.ones((ROWS, COLUMNS), np.float32)
    label = np.full((ROWS, COLUMNS), -1, np.int64)
    box = np.zeros((4, ROWS, COLUMNS), np.float32)
    rows, columns = np.mgrid[:ROWS, :COLUMNS] + 0.5
    for kind, x, y, w, h, visible in objects:
        cx, cy = (x + w / 2) / STRIDE, (y + h / 2) / STRIDE
        sx, sy = max(0.55, 0.12 * w / STRIDE), max(0.55, 0.12 * h / STRIDE)
        near = np.exp(-((columns - cx) ** 2 / (2 * sx * sx) + (rows - cy) ** 2 / (2 * sy * sy))).astype(np.float32)
        row, column = min(ROWS - 1, int(cy)), min(COLUMNS - 1, int(cx))
        if visible < COUNTS:
            if visible > SHADY:
                care[near > 0.3] = 0
            continue
        near[row, column] = 1
        mine = (near > 0.5) & (near > heat)
        heat = np.maximum(heat, near)
        label[mine] = kind
        for plane, value in enumerate((cx - (columns - 0.5), cy - (rows - 0.5), np.log(w / STRIDE), np.log(h / STRIDE))):
            box[plane][mine] = value[mine] if plane < 2 else value
    return heat, care, label, box


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.way = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
                                 nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return F.relu(x + self.way(x))


def half(inside, outside):
    return nn.Sequential(nn.Conv2d(inside, outside, 3, 2, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU())


class StreetNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.to8 = nn.Sequential(half(3, 8), half(8, 16), half(16, 32), Block(32))
        self.to16 = nn.Sequential(half(32, 48), Block(48))
        self.to32 = nn.Sequential(half(48, 64), Block(64))
        self.down32, self.down16 = nn.Conv2d(64, 48, 1), nn.Conv2d(48, 32, 1)
        self.head = nn.Sequential(Block(32), nn.Conv2d(32, 5 + len(LABELS), 1))
        self.head[-1].bias.data[4] = -4.0

    def forward(self, pixels):
        at8 = self.to8(pixels / 128 - 1)
        at16 = self.to16(at8)
        at16 = at16 + F.interpolate(self.down32(self.to32(at16)), scale_factor=2.0, mode="nearest")
        return self.head(at8 + F.interpolate(self.down16(at16), scale_factor=2.0, mode="nearest"))


class Exported(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, images):
        raw = self.net(images).flatten(2).transpose(1, 2)
        return torch.cat([raw[..., :4], torch.sigmoid(raw[..., 4:5]), torch.softmax(raw[..., 5:], -1)], -1)


def loss_of(raw, heat, care, label, box):
    p = torch.sigmoid(raw[:, 4]).clamp(1e-4, 1 - 1e-4)
    at = heat == 1
    found = -((1 - p) ** 2 * p.log())[at].sum()
    empty = -(((1 - heat) ** 4) * p ** 2 * (1 - p).log() * care)[~at].sum()
    here = label >= 0
    many = here.sum().clamp(min=1)
    kinds = F.cross_entropy(raw[:, 5:].permute(0, 2, 3, 1)[here], label[here], reduction="sum") / many
    where = F.smooth_l1_loss(raw[:, :4].permute(0, 2, 3, 1)[here], box.permute(0, 2, 3, 1)[here], beta=0.1, reduction="sum") / many
    return (found + empty) / at.sum().clamp(min=1) + kinds + 2 * where


def batch_of(pixels, prepared, pick, rng):
    x = torch.from_numpy(pixels[np.sort(pick)].astype(np.float32)).permute(0, 3, 1, 2)   # rows of pixels as they are: channels last
    heat, care, label, box = (torch.from_numpy(np.stack(part)) for part in zip(*(prepared[i] for i in np.sort(pick))))
    if rng is not None:
        if rng.random() < 0.5:
            x, heat, care, label, box = (part.flip(-1) for part in (x, heat, care, label, box))
            box[:, 0] = torch.where(label >= 0, 1 - box[:, 0], box[:, 0])
        gain = torch.from_numpy(rng.uniform(0.8, 1.2, (len(pick), 3, 1, 1)).astype(np.float32))
        x = (x * gain + torch.from_numpy(rng.uniform(-10, 10, (len(pick), 1, 1, 1)).astype(np.float32))).clamp(0, 255)
    return x, heat, care, label, box


def main(train, check, out, epochs="10"):
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    rng, epochs = np.random.default_rng(SEED), int(epochs)
    pixels, objects = load(train)
    prepared = [targets(o) for o in objects]
    held_pixels, held_objects = load(check)
    held = [targets(o) for o in held_objects]
    print(f"{len(prepared)} frames to train, {len(held)} to check", flush=True)
    net = StreetNet().to(memory_format=torch.channels_last)   # twice as fast on this kind of processor
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, epochs * ((len(prepared) + BATCH - 1) // BATCH), pct_start=0.2)
    for epoch in range(epochs):
        net.train()
        order, total, begin = rng.permutation(len(prepared)), 0.0, time.time()
        for at in range(0, len(order), BATCH):
            x, *truth = batch_of(pixels, prepared, order[at:at + BATCH], rng)
            loss = loss_of(net(x), *truth)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(x)
        net.eval()
        with torch.no_grad():
            checks = [loss_of(net(x), *truth).item() for x, *truth in (batch_of(held_pixels, held, np.arange(i, min(i + BATCH, len(held))), None) for i in range(0, len(held), BATCH))]
        print(f"epoch {epoch + 1}: loss {total / len(order):.4f}, held {np.mean(checks):.4f}, {time.time() - begin:.0f} s", flush=True)
        export(net, out)


def export(net, out):
    torch.onnx.export(Exported(net.eval()), torch.zeros(1, 3, HEIGHT, WIDTH), out, opset_version=13, input_names=["images"], output_names=["output"])
    model = onnx.load(out)
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, out)


if __name__ == "__main__":
    main(*sys.argv[1:5])
