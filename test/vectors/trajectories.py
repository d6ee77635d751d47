"""Training runs worked out by PyTorch's autograd and torch.optim in float64, shared with no line of the library.
Each case fixes a network, its data and its options; the JSON beside this file keeps where PyTorch ends up.
Every number of a case is drawn from a generator seeded by the case's name, so cases do not disturb each other."""

import json
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leakyRelu": lambda z: F.leaky_relu(z, 0.01),
    "elu": lambda z: F.elu(z, 1.0),
    "softplus": lambda z: F.softplus(z, threshold=40),  # PyTorch's own threshold, 20, is off by 2e-9 there
    "swish": F.silu,
    "gelu": lambda z: F.gelu(z, approximate="tanh"),
    "softmax": lambda z: torch.softmax(z, dim=1),
}

# Per-row losses of the last layer's sums z, its activated outputs p and the targets t.
ROW_LOSSES = {
    "halfSquaredError": lambda z, p, t: 0.5 * ((t - p) ** 2).sum(1),
    "squaredError": lambda z, p, t: ((p - t) ** 2).sum(1),
    "meanSquaredError": lambda z, p, t: F.mse_loss(p, t, reduction="none").mean(1),
    "meanAbsoluteError": lambda z, p, t: F.l1_loss(p, t, reduction="none").mean(1),
    "huber": lambda z, p, t: F.huber_loss(p, t, reduction="none", delta=1.0).mean(1),
    "binaryCrossentropy": lambda z, p, t: F.binary_cross_entropy_with_logits(z, t, reduction="none").mean(1),
    "categoricalCrossentropy": lambda z, p, t: -(t * F.log_softmax(z, dim=1)).sum(1),
}


def make_optimizer(setting, parameters):
    given = {"name": setting} if isinstance(setting, str) else setting
    name = given["name"]
    value = lambda key, default: given.get(key, default)
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=value("learningRate", 0.01), momentum=value("momentum", 0),
                               nesterov=value("nesterov", False))
    if name == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=value("learningRate", 0.001), alpha=value("rho", 0.9),
                                   eps=value("epsilon", 1e-8))
    adam = dict(lr=value("learningRate", 0.001), betas=(value("beta1", 0.9), value("beta2", 0.999)),
                eps=value("epsilon", 1e-8))
    if name == "adam":
        return torch.optim.Adam(parameters, **adam)
    assert name == "adamw"
    return torch.optim.AdamW(parameters, **adam, weight_decay=value("weightDecay", 0.01))


class Network:
    """Kernels (inputs × units) and biases as leaf tensors, and the objective of one batch of rows."""

    def __init__(self, case, shift=0.0):
        self.options = case["options"]
        self.layers = self.options["layers"][1:]
        sizes = [self.options["layers"][0]] + [layer["units"] for layer in self.layers]
        leaf = lambda values: (torch.tensor(values) * (1 + shift)).requires_grad_()
        self.kernels = [leaf(w["kernel"]) for w in case["weights"]]
        self.shapes = list(zip(sizes, sizes[1:]))
        self.biases = [leaf(w["bias"]) if "bias" in w else None for w in case["weights"]]
        self.parameters = self.kernels + [b for b in self.biases if b is not None]

    def forward(self, x):
        a = x
        for layer, shape, kernel, bias in zip(self.layers, self.shapes, self.kernels, self.biases):
            z = a @ kernel.reshape(shape)
            if bias is not None:
                z = z + bias
            a = ACTIVATIONS[layer["activation"]](z)
        return z, a

    def row_losses(self, x, t, row_weight):
        z, p = self.forward(x)
        return row_weight * ROW_LOSSES[self.options["loss"]](z, p, t)

    def objective(self, losses):
        """What is minimised: the batch's losses reduced (mean = divided by its rows), then ½·l2·Σw² once."""
        data = losses.sum() / len(losses) if self.options["reduction"] == "mean" else losses.sum()
        return data + 0.5 * self.options.get("l2", 0) * sum((kernel ** 2).sum() for kernel in self.kernels)

    def export(self, pick):
        return [{"kernel": pick(kernel).tolist()} | ({} if bias is None else {"bias": pick(bias).tolist()})
                for kernel, bias in zip(self.kernels, self.biases)]


def tensors(case):
    x, y = torch.tensor(case["x"]), torch.tensor(case["y"])
    t = y if y.dim() == 2 else F.one_hot(y, case["options"]["layers"][-1]["units"])
    t = t.to(torch.float64)
    row_weight = torch.tensor(case.get("sampleWeight", [1.0] * len(x)), dtype=torch.float64)
    if "classWeight" in case:
        row_weight = row_weight * torch.tensor(case["classWeight"], dtype=torch.float64)[t.argmax(1)]
    return x, t, row_weight


def train(case, shift=0.0):
    network, (x, t, row_weight) = Network(case, shift), tensors(case)
    options, rows = case["options"], len(x)
    losses = network.row_losses(x, t, row_weight)
    network.objective(losses).backward()
    expected = {"loss": [], "initialLoss": losses.sum().item() / rows,
                "initialGradients": network.export(lambda parameter: parameter.grad)}
    optimizer, norms = make_optimizer(options["optimizer"], network.parameters), []
    for _ in range(case["epochs"]):
        total = 0.0
        for start in range(0, rows, options["batchSize"]):
            batch = slice(start, start + options["batchSize"])
            optimizer.zero_grad()
            losses = network.row_losses(x[batch], t[batch], row_weight[batch])
            network.objective(losses).backward()
            total += losses.sum().item()
            if "clipNorm" in options:
                norms.append(torch.nn.utils.clip_grad_norm_(network.parameters, options["clipNorm"]).item())
            optimizer.step()
        expected["loss"].append(total / rows)
    expected["weights"] = network.export(lambda parameter: parameter.detach())
    expected["predictions"] = network.forward(x)[1].tolist()
    return expected, norms


def largest_difference(a, b):
    if isinstance(a, dict):
        return max(largest_difference(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return max((largest_difference(p, q) for p, q in zip(a, b)), default=0.0)
    return abs(a - b) / max(1.0, abs(a))


def dense(units, activation, **more):
    return {"units": units, "activation": activation, **more}


def draw_targets(rng, kind, rows, outputs):
    if kind == "real":
        return rng.normal(0, 1.2, (rows, outputs)).round(3).tolist()
    if kind == "tanh":
        return np.tanh(rng.normal(0, 1.2, (rows, outputs))).round(3).tolist()
    if kind == "positive":
        return np.abs(rng.normal(0, 1.2, (rows, outputs))).round(3).tolist()
    if kind == "unit":
        return rng.uniform(0.05, 0.95, (rows, outputs)).round(3).tolist()
    if kind == "binary":
        return rng.integers(0, 2, (rows, outputs)).tolist()
    if kind == "soft":  # eighths, so that every row sums to exactly 1
        return (rng.multinomial(8, [1 / outputs] * outputs, rows) / 8).tolist()
    classes = np.concatenate([np.arange(outputs), rng.integers(0, outputs, rows)])[:rows]
    rng.shuffle(classes)
    return classes.tolist() if kind == "indices" else np.eye(outputs, dtype=int)[classes].tolist()


def make_case(name, layers, loss="halfSquaredError", targets="real", rows=8, batch=3, epochs=10,
              optimizer=None, reduction="mean", weights=None, x=None, sample_weight=None, class_weight=None, **more):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    optimizer = optimizer or {"name": "sgd", "learningRate": 0.1}
    case = {"name": name, "options": {"layers": layers, "loss": loss, "optimizer": optimizer, "reduction": reduction,
                                      "batchSize": batch, "shuffle": False, "dtype": "float64", **more}}
    if weights is None:
        weights, inputs = [], layers[0]
        for layer in layers[1:]:
            kernel = rng.normal(0, inputs ** -0.5, inputs * layer["units"]).round(4).tolist()
            bias = rng.normal(0, 0.3, layer["units"]).round(4).tolist()
            weights.append({"kernel": kernel, "bias": bias} if layer.get("bias", True) else {"kernel": kernel})
            inputs = layer["units"]
    case["weights"] = weights
    case["x"] = x or rng.normal(0, 1, (rows, layers[0])).round(3).tolist()
    case["y"] = draw_targets(rng, targets, len(case["x"]), layers[-1]["units"])
    if sample_weight:
        case["sampleWeight"] = sample_weight
    if class_weight:
        case["classWeight"] = class_weight
    case["epochs"] = epochs
    return case


def cases():
    crossentropy = dict(loss="categoricalCrossentropy", targets="onehot")
    binary = dict(loss="binaryCrossentropy", targets="binary")

    signs = [[1, -1, 0.125], [-1, 1, 1], [-0.125, 0.25, 1], [-1, -1, 1], [1, 1, -1], [-1, 0.5, -1], [1, 0.5, 0.25]]
    identity = [{"kernel": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], "bias": [0.0, 0.5, -0.5]}]
    scaled_signs = lambda *sizes: [[float(size * sign) for sign in row] for size in sizes for row in signs]

    # Targets that the last activation can output.
    reachable = lambda activation: {"sigmoid": "unit", "softmax": "unit", "tanh": "tanh", "linear": "real",
                                    "leakyRelu": "real"}.get(activation, "positive")
    for activation in ACTIVATIONS:
        if activation != "softmax":
            deep = [4, dense(7, activation), dense(5, activation), dense(2, "linear")]
            yield make_case(f"hidden activation {activation}", deep)
        yield make_case(f"sums from 1e-6 to ±800, {activation}", [3, dense(3, activation)], weights=identity, epochs=4, targets=reachable(activation),
                        x=scaled_signs(1e-6, 40, 800), optimizer={"name": "sgd", "learningRate": 1e-6})
        yield make_case(f"output activation {activation}", [4, dense(5, "tanh"), dense(3, activation)],
                        targets=reachable(activation))
    yield make_case("softmax with squaredError", [4, dense(6, "tanh"), dense(3, "softmax")], "squaredError", "onehot")

    for loss in ("halfSquaredError", "squaredError", "meanSquaredError", "meanAbsoluteError", "huber"):
        yield make_case(f"loss {loss}", [4, dense(5, "tanh"), dense(3, "linear")], loss)
        yield make_case(f"loss {loss}, sum", [3, dense(5, "sigmoid"), dense(2, "linear")], loss, reduction="sum",
                        optimizer={"name": "sgd", "learningRate": 0.02})
    yield make_case("loss categoricalCrossentropy", [4, dense(5, "tanh"), dense(3, "softmax")], **crossentropy)
    yield make_case("loss binaryCrossentropy, 1 output", [4, dense(5, "tanh"), dense(1, "sigmoid")], **binary)
    yield make_case("loss binaryCrossentropy, 3 outputs", [4, dense(5, "tanh"), dense(3, "sigmoid")], **binary)
    yield make_case("loss binaryCrossentropy, graded targets", [5, dense(6, "relu"), dense(2, "sigmoid")],
                    "binaryCrossentropy", "unit")
    yield make_case("class indices", [4, dense(5, "tanh"), dense(4, "softmax")], "categoricalCrossentropy", "indices")
    yield make_case("soft targets", [4, dense(5, "tanh"), dense(4, "softmax")], "categoricalCrossentropy", "soft")
    for size in (40, 800):
        gentle = dict(weights=identity, x=scaled_signs(size), batch=3,
                      optimizer={"name": "sgd", "learningRate": 0.2 / size ** 2})
        yield make_case(f"categoricalCrossentropy, logits of ±{size}", [3, dense(3, "softmax")], **crossentropy,
                        **gentle)
        yield make_case(f"binaryCrossentropy, logits of ±{size}", [3, dense(3, "sigmoid")], **binary, **gentle)

    optimizers = {
        "sgd": {"name": "sgd", "learningRate": 0.2},
        "sgd momentum": {"name": "sgd", "learningRate": 0.05, "momentum": 0.8},
        "sgd nesterov": {"name": "sgd", "learningRate": 0.05, "momentum": 0.85, "nesterov": True},
        "rmsprop": {"name": "rmsprop", "learningRate": 0.01, "rho": 0.95, "epsilon": 1e-6},
        "adam": {"name": "adam", "learningRate": 0.02},
        "adam betas": {"name": "adam", "learningRate": 0.02, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4},
        "adamw": {"name": "adamw", "learningRate": 0.02, "weightDecay": 0.1},
        "adamw betas": {"name": "adamw", "learningRate": 0.02, "beta1": 0.7, "beta2": 0.98, "epsilon": 1e-3,
                        "weightDecay": 0.1},
    }
    two_hidden = [3, dense(5, "tanh"), dense(4, "sigmoid"), dense(2, "linear")]
    for name, optimizer in optimizers.items():
        yield make_case(f"optimizer {name}", two_hidden, optimizer=optimizer, epochs=16)
    for name in ("sgd", "rmsprop", "adam", "adamw"):
        yield make_case(f"optimizer {name}, all defaults", [4, dense(5, "tanh"), dense(2, "linear")], optimizer=name)

    classifier = [4, dense(6, "tanh"), dense(3, "softmax")]
    adamw = {"name": "adamw", "learningRate": 0.02, "weightDecay": 0.1}
    slow = {"name": "sgd", "learningRate": 0.02}
    row_weights = [1, 0.5, 2, 0, 3.25, 1, 0.125, 1.5]
    yield make_case("reduction mean", two_hidden, reduction="mean")
    yield make_case("reduction sum", two_hidden, reduction="sum", optimizer=slow)
    yield make_case("l2", two_hidden, l2=0.05)
    yield make_case("l2, sum", two_hidden, reduction="sum", l2=0.3, optimizer=slow)
    yield make_case("clipNorm", two_hidden, clipNorm=1.5, loss="squaredError")
    yield make_case("l2 and clipNorm with adamw", two_hidden, l2=0.2, clipNorm=1.2, optimizer=adamw)
    yield make_case("sampleWeight", two_hidden, sample_weight=row_weights)
    yield make_case("sampleWeight, sum", two_hidden, sample_weight=row_weights, reduction="sum", optimizer=slow)
    yield make_case("classWeight, one-hot", classifier, class_weight=[0.5, 1, 3], **crossentropy)
    yield make_case("classWeight, class indices", classifier, class_weight=[2, 0.25, 1],
                    loss="categoricalCrossentropy", targets="indices")
    yield make_case("sampleWeight, classWeight, l2 and clipNorm", classifier, sample_weight=row_weights, l2=0.05,
                    class_weight=[0.5, 1, 3], clipNorm=0.65, optimizer=optimizers["adam"], **crossentropy)

    yield make_case("ragged last batch", two_hidden, rows=14, batch=6, epochs=12)
    yield make_case("batch of 1", two_hidden, rows=7, batch=1, epochs=6)
    yield make_case("full batch", two_hidden, rows=11, batch=64, epochs=30)
    yield make_case("one row", [3, dense(4, "tanh"), dense(2, "linear")], rows=1, epochs=20)
    yield make_case("no hidden layer", [6, dense(3, "linear")], optimizer=optimizers["sgd momentum"])
    yield make_case("no hidden layer, softmax", [6, dense(4, "softmax")], **crossentropy)
    yield make_case("one input, one output, no bias", [1, dense(1, "sigmoid", bias=False)], "squaredError", "unit",
                    optimizer={"name": "sgd", "learningRate": 0.5})
    yield make_case("no bias in the middle layer", [5, dense(7, "tanh"), dense(6, "relu", bias=False),
                                                    dense(2, "linear")], optimizer=optimizers["adam"])
    yield make_case("four hidden layers", [4, dense(6, "tanh"), dense(5, "relu"), dense(7, "swish"),
                                           dense(3, "sigmoid"), dense(2, "linear")], optimizer=optimizers["adam"])

    for first, second in ((1, 2), (2, 3), (3, 4), (4, 5), (5, 7), (7, 8), (8, 9), (9, 1), (2, 15), (15, 3), (3, 16),
                          (16, 1), (1, 17), (17, 4), (2, 31), (31, 1), (1, 33), (33, 3)):
        yield make_case(f"hidden widths {first} and {second}", [3, dense(first, "tanh"), dense(second, "leakyRelu"),
                                                               dense(2, "linear")], rows=7, batch=4)
    yield make_case("37-41-29-10", [37, dense(41, "relu"), dense(29, "tanh"), dense(10, "softmax")], rows=50, batch=13,
                    epochs=6, optimizer={"name": "adam", "learningRate": 0.005}, loss="categoricalCrossentropy",
                    targets="indices")


def main():
    done = []
    for case in cases():
        expected, norms = train(case)
        # Fit to compare with: starting weights that differ in the 12th digit end at weights that agree to the 10th.
        sensitivity = largest_difference(expected, train(case, shift=1e-12)[0])
        assert sensitivity < 1e-10, (case["name"], sensitivity)
        assert expected["loss"][-1] < expected["loss"][0], case["name"]
        bites = sum(norm > case["options"].get("clipNorm", 0) for norm in norms)
        assert not norms or 0.2 < bites / len(norms) < 0.8, (case["name"], norms)
        done.append(case | {"expected": expected})
        clipped = f", clipped {bites} of {len(norms)} steps" if norms else ""
        first, last = expected["loss"][0], expected["loss"][-1]
        print(f"{case['name']}: loss {first:.4g} -> {last:.4g}, sensitivity {sensitivity:.1e}{clipped}")
    assert len({case["name"] for case in done}) == len(done)
    lines = ",\n".join(json.dumps(case, separators=(",", ":"), ensure_ascii=False, allow_nan=False) for case in done)
    Path(__file__).with_name("trajectories.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
