#!/usr/bin/env python3
"""Times Tessera's kernels and a full-size VGG-T3 forward pass on a GPU, with random weights.

The mathematics is the TorchScript archive that scripts/bench-gpu-kernels writes; this script only
calls it in the order in which the Java classes do (AlternatingAttention, FastWeightMemory, Vggt).
Needs PyTorch and nothing else.

usage: bench_gpu_kernels.py kernels.pt [--views 8,16,...] [--size 518x518,518x392] [--dtype bf16|f32]
"""

import argparse
import json
import math
import time

import torch

PAPER_MS_PER_VIEW = 58.0  # VGG-T3: 1,000 images in 58 s on one A100
PATCH = 14
# Numbers of the hidden layer that are computed at a time, as FastWeightOperator has it.
TILE = 1 << 26 if torch.cuda.is_available() else (1 << 17) * torch.get_num_threads()
REGISTERS = 4
SPECIAL = 1 + REGISTERS
MUON_STEPS = 5
EPS = 1e-5
VIT_EPS = 1e-6

FULL = dict(width=1024, heads=16, depth=24, vit=24, taps=[4, 11, 17, 23], features=256,
            channels=[256, 512, 1024, 1024], camera=4, camera_heads=16, iterations=4)
TINY = dict(width=64, heads=2, depth=4, vit=2, taps=[0, 1, 2, 3], features=16,
            channels=[16, 16, 32, 32], camera=2, camera_heads=2, iterations=4)


class Weights:
    """Random weights by name: linear layers of the trunk in half precision where asked."""

    def __init__(self, sizes, device, half):
        self.device, self.half, self.s = device, half, sizes
        c = sizes["width"]
        self.vit = self.vit_weights(c)
        self.vit_blocks = [self.block(c, half) for _ in range(sizes["vit"])]
        self.frames = [self.block(c, half, norms=True) for _ in range(sizes["depth"])]
        self.globals = [self.fast_block(c, half) for _ in range(sizes["depth"])]
        self.camera_token = self.random(1, 2, 1, c)
        self.register_token = self.random(1, 2, REGISTERS, c)
        self.camera = self.camera_weights(2 * c)
        self.trunk = [self.block(2 * c, False) for _ in range(sizes["camera"])]
        self.depth = self.dense(2 * c, 2)
        self.points = self.dense(2 * c, 4)

    def random(self, *shape, inputs=None):
        return torch.randn(shape, device=self.device) / math.sqrt(inputs or shape[-1])

    def norm(self, w, name, n):
        w[name + ".weight"] = torch.ones(n, device=self.device)
        w[name + ".bias"] = torch.zeros(n, device=self.device)

    def linear(self, w, name, outputs, inputs, half=False):
        dtype = torch.bfloat16 if half else torch.float32
        w[name + ".weight"] = self.random(outputs, inputs).to(dtype)
        w[name + ".bias"] = torch.zeros(outputs, device=self.device, dtype=dtype)

    def conv(self, w, name, outputs, inputs, side, bias=True, transposed=False):
        shape = (inputs, outputs, side, side) if transposed else (outputs, inputs, side, side)
        w[name + ".weight"] = self.random(*shape, inputs=inputs * side * side)
        if bias:
            w[name + ".bias"] = torch.zeros(outputs, device=self.device)

    def block(self, c, half, norms=False):
        w = {}
        for name in ("norm1", "norm2"):
            self.norm(w, name, c)
        if norms:
            for name in ("attn.q_norm", "attn.k_norm"):
                self.norm(w, name, c // self.s["heads"])
        self.linear(w, "attn.qkv", 3 * c, c, half)
        self.linear(w, "attn.proj", c, c, half)
        self.linear(w, "mlp.fc1", 4 * c, c, half)
        self.linear(w, "mlp.fc2", c, 4 * c, half)
        for name in ("ls1", "ls2"):
            w[name + ".gamma"] = torch.full((c,), 0.1, device=self.device)
        return w

    def fast_block(self, c, half):
        w, h = self.block(c, half), self.s["heads"]
        d = c // h
        w["attn.w0"] = self.random(h, d, 4 * d, inputs=d)
        w["attn.w1"] = self.random(h, 4 * d, d, inputs=4 * d)
        w["attn.w2"] = self.random(h, d, 4 * d, inputs=d)
        self.linear(w, "attn.lr_fc", 3 * h, c)
        self.conv(w, "attn.short_conv_qkv.2.conf", c, 1, 3, bias=False)
        return w

    def vit_weights(self, c):
        w = {"cls_token": self.random(1, 1, c), "register_tokens": self.random(1, REGISTERS, c)}
        self.conv(w, "patch_embed.proj", c, 3, PATCH)
        self.norm(w, "norm", c)
        return w

    def camera_weights(self, c):
        w = {"empty_pose_tokens": torch.zeros(1, 1, 9, device=self.device)}
        self.norm(w, "token_norm", c)
        self.norm(w, "trunk_norm", c)
        self.linear(w, "embed_pose", c, 9)
        self.linear(w, "poseLN_modulation.1", 3 * c, c)
        self.linear(w, "pose_branch.fc1", c // 2, c)
        self.linear(w, "pose_branch.fc2", 9, c // 2)
        return w

    def dense(self, c, outputs):
        w, f, channels = {}, self.s["features"], self.s["channels"]
        self.norm(w, "norm", c)
        for i, n in enumerate(channels):
            self.conv(w, f"projects.{i}", n, c, 1)
            if i != 2:
                self.conv(w, f"resize_layers.{i}", n, n, (4, 2, 0, 3)[i], transposed=i < 2)
            self.conv(w, f"scratch.layer{i + 1}_rn", f, n, 3, bias=False)
            refine = f"scratch.refinenet{i + 1}."
            self.conv(w, refine + "out_conv", f, f, 1)
            for unit in (2,) if i == 3 else (1, 2):
                for part in (1, 2):
                    self.conv(w, f"{refine}resConfUnit{unit}.conv{part}", f, f, 3)
        self.conv(w, "scratch.output_conv1", f // 2, f, 3)
        self.conv(w, "scratch.output_conv2.0", 32, f // 2, 3)
        self.conv(w, "scratch.output_conv2.2", outputs, 32, 1)
        return w


class Network:
    def __init__(self, kernels, sizes, device, half, tokens_per_group, dense_views):
        self.k, self.s, self.device = kernels, sizes, device
        self.w = Weights(sizes, device, half)
        self.tokens_per_group, self.dense_views = tokens_per_group, dense_views
        self.beta = math.log(math.expm1(0.01))

    def grid(self, rows, columns):
        d = self.s["width"] // self.s["heads"]
        frequencies = 100.0 ** (-torch.arange(d // 4, device=self.device) / (d // 4))
        y = torch.arange(rows, device=self.device).repeat_interleave(columns) + 1
        x = torch.arange(columns, device=self.device).repeat(rows) + 1
        at = torch.stack([y, x], 1).float()
        at = torch.cat([torch.zeros(SPECIAL, 2, device=self.device), at])
        angle = at.unsqueeze(2) * frequencies
        return angle.cos(), angle.sin()

    def uv(self, rows, columns):
        f, levels = self.s["features"], []
        for n in self.s["channels"]:
            levels.append((n, rows, columns))
        levels.append((f // 2, rows * PATCH, columns * PATCH))
        uv = []
        for n, height, width in levels:
            uv.append(torch.zeros(1, n // 2, 1, width, device=self.device))
            uv.append(torch.zeros(1, n // 2, height, 1, device=self.device))
        return uv

    def forward(self, views, height, width, steps):
        k, w, s = self.k, self.w, self.s
        rows, columns = height // PATCH, width // PATCH
        per_group = max(1, self.tokens_per_group // (SPECIAL + rows * columns))
        groups = [min(per_group, views - i) for i in range(0, views, per_group)]
        cos, sin = self.grid(rows, columns)
        positions = torch.zeros(1 + rows * columns, s["width"], device=self.device)
        x, clock = [], Clock(self.device)
        for i, n in enumerate(groups):
            images = torch.rand(n, 3, height, width, device=self.device)
            patches = k.vit_patches(images, w.vit, PATCH)
            t = k.vit_tokens(patches, w.vit, positions)
            for block in w.vit_blocks:
                t = k.plain_block(t, block, s["heads"], VIT_EPS)
            patches = k.vit_result(t, w.vit, rows * columns, VIT_EPS)
            x.append(k.view_tokens(w.camera_token, w.register_token, patches, i == 0))
        clock.lap("vit")
        maps, cameras = [[] for _ in s["taps"]], []
        for layer in range(s["depth"]):
            self.layer(layer, x, steps, cos, sin, rows, columns, maps, cameras)
        clock.lap("trunk")
        self.camera_head(torch.cat(cameras))
        clock.lap("camera")
        uv = self.uv(rows, columns)
        for head, activate, lap in ((w.depth, k.depth_and_confidence, "depth"),
                                    (w.points, k.points_and_confidence, "points")):
            for group, n in enumerate(groups):
                for i in range(0, n, self.dense_views):
                    some = [m[group][i:i + self.dense_views].to(self.device) for m in maps]
                    raw = k.dense(some, head, SPECIAL, rows, columns, height, width, uv)
                    activate(raw)
            clock.lap(lap)
        return clock.laps

    def layer(self, layer, x, steps, cos, sin, rows, columns, maps, cameras):
        k, s = self.k, self.s
        frame, block, h = self.w.frames[layer], self.w.globals[layer], s["heads"]
        for i in range(len(x)):
            x[i] = k.rotary_block(x[i], frame, h, EPS, cos, sin)
        fast = [k.fast_weight_start(block["attn." + n]) for n in ("w0", "w1", "w2")]
        norms = [k.column_norms(f) for f in fast]
        for _ in range(steps):
            g = [torch.zeros_like(f) for f in fast]
            for t in x:
                e = k.fast_weight_examples(k.global_input(t, block, EPS), block, h, cos, sin,
                                           SPECIAL, rows, columns, self.beta)
                k.fast_weight_accumulate(*g, *fast, *e, TILE)
            for f, n, gradient in zip(fast, norms, g):
                k.fast_weight_update(f, n, gradient, 1.0, MUON_STEPS, 1.0)
        for i, before in enumerate(x):
            q = k.fast_weight_queries(k.global_input(before, block, EPS), block, h, cos, sin,
                                      SPECIAL, rows, columns)
            mixed = k.heads_together(k.fast_weight_apply(*fast, q, TILE), before.shape[0])
            x[i] = k.global_output(before, mixed, block, EPS)
            if layer in s["taps"]:
                maps[s["taps"].index(layer)].append(k.beside(before, x[i]).to(self.map_device()))
            if layer == s["depth"] - 1:
                cameras.append(k.camera_tokens(before, x[i]))

    def map_device(self):
        """Beyond half of the GPU's memory, maps go to the host, as the engine spills them."""
        if self.device == "cpu":
            return "cpu"
        free, total = torch.cuda.mem_get_info()
        return self.device if free > total / 2 else "cpu"

    def camera_head(self, tokens):
        k, w, poses = self.k, self.w.camera, []
        token = k.camera_token(tokens, w)
        pose = w["empty_pose_tokens"]
        for _ in range(self.s["iterations"]):
            t = k.camera_modulated(token, pose, w)
            for block in self.w.trunk:
                t = k.plain_block(t, block, self.s["camera_heads"], EPS)
            pose = pose + k.camera_delta(t, w)
            poses.append(pose)
        return k.camera_activated(poses)


class Clock:
    def __init__(self, device):
        self.device, self.laps = device, {}
        self.last = self.now()

    def now(self):
        if self.device != "cpu":
            torch.cuda.synchronize()
        return time.perf_counter()

    def lap(self, name):
        now = self.now()
        self.laps[name] = now - self.last
        self.last = now


def best(device, work, repeats=5):
    seconds = []
    for _ in range(repeats + 2):  # the first two compile
        clock = Clock(device)
        work()
        clock.lap("s")
        seconds.append(clock.laps["s"])
    return min(seconds)


def kernel_times(network, sizes, device):
    k, s, c = network.k, sizes, sizes["width"]
    n, rows = SPECIAL + 37 * 37, 37
    cos, sin = network.grid(rows, rows)
    x = torch.randn(6, n, c, device=device)
    frame, block, h = network.w.frames[0], network.w.globals[0], s["heads"]
    tokens, d = 6 * n, c // h
    a = torch.randn(4096, 4096, device=device, dtype=frame["attn.qkv.weight"].dtype)
    fast = [k.fast_weight_start(block["attn." + w]) for w in ("w0", "w1", "w2")]
    g = [torch.zeros_like(f) for f in fast]
    args = (block, h, cos, sin, SPECIAL, rows, rows)
    e = k.fast_weight_examples(x, *args, network.beta)
    q = k.fast_weight_queries(x, *args)
    cases = {
        "4096^3 product": (2 * 4096 ** 3, lambda: a @ a),
        "frame block, 6 views": (tokens * (24 * c * c + 4 * n * c),
                                 lambda: k.rotary_block(x, frame, h, EPS, cos, sin)),
        "accumulate": (12 * tokens * c * 4 * d,
                       lambda: k.fast_weight_accumulate(*g, *fast, *e, TILE)),
        "apply": (6 * tokens * c * 4 * d, lambda: k.fast_weight_apply(*fast, q, TILE)),
    }
    for name, (operations, work) in cases.items():
        seconds = best(device, work)
        print(f"{name:24s} {seconds * 1e3:9.3f} ms {operations / seconds / 1e12:8.2f} TFLOP/s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kernels")
    parser.add_argument("--views", default="8,16,32,64,128,256,512,1000")
    parser.add_argument("--size", default="518x518,518x392")
    parser.add_argument("--dtype", choices=["f32", "bf16"], default="bf16")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--tokens-per-group", type=int, default=32768)
    parser.add_argument("--dense-views", type=int, default=8)
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to try the script")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.manual_seed(0)
    sizes = TINY if options.tiny else FULL
    kernels = torch.jit.load(options.kernels, map_location=options.device)
    rows = []
    with torch.inference_mode():
        network = Network(kernels, sizes, options.device, options.dtype == "bf16",
                          options.tokens_per_group, options.dense_views)
        kernel_times(network, sizes, options.device)
        print("size      views        s  ms/view  vit trunk camera depth points (s)  peak GB  /paper")
        for size in options.size.split(","):
            width, height = map(int, size.split("x"))
            for _ in range(2):
                network.forward(2, height, width, options.steps)  # compiles
            for views in map(int, options.views.split(",")):
                rows.append(measured(network, options, views, height, width))
    if options.json:
        with open(options.json, "w") as out:
            json.dump(rows, out, indent=1)


def measured(network, options, views, height, width):
    gpu = options.device != "cpu"
    if gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    laps = network.forward(views, height, width, options.steps)
    seconds = sum(laps.values())
    peak = torch.cuda.max_memory_allocated() / 1e9 if gpu else 0.0
    ms = seconds * 1e3 / views
    parts = " ".join(f"{lap:.2f}" for lap in laps.values())
    print(f"{width}x{height} {views:6d} {seconds:8.2f} {ms:8.1f}  {parts}  {peak:7.2f} "
          f"{ms / PAPER_MS_PER_VIEW:7.2f}", flush=True)
    return dict(width=width, height=height, views=views, seconds=seconds, ms_per_view=ms,
                stages=laps, peak_gb=peak, paper_ratio=ms / PAPER_MS_PER_VIEW)


if __name__ == "__main__":
    main()
