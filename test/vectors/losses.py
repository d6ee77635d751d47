"""Losses of the caller's own, weights of outputs, and gradients by the inputs, worked out by PyTorch's autograd in float64.
Each case fixes a network, rows and a loss that test/nn/loss-functions.test.ts writes by hand, derivative included."""

import json
import zlib
from pathlib import Path

import numpy as np
import torch

from trajectories import ACTIVATIONS, ROW_LOSSES, Network, draw_targets, make_optimizer

OUTPUT_LOSSES = {
    # REINFORCE with an entropy bonus, over a softmax.
    "policy": lambda p, a: (-(torch.log(p) * a).sum(1) + 0.1 * (p * torch.log(p)).sum(1)).mean(),
    # Margin ranking: each output above the next one by 1/2.
    "ranking": lambda p, a: torch.relu(0.5 - (p[:, :-1] - p[:, 1:])).sum(),
    # Quantile regression at 0.8.
    "quantile": lambda p, a: torch.maximum(0.8 * (a - p), -0.2 * (a - p)).mean(),
    # Not a sum over rows: the variance of each output over the rows, and its logarithm.
    "variance": lambda p, a: torch.log1p(p.var(0, unbiased=False)).sum(),
}


def run(case):
    options = case["options"]
    shift_x, scale_x = (torch.tensor(options["inputScaling"][key]) for key in ("shift", "scale")) if "inputScaling" in options else (0, 1)
    shift_y, scale_y = (torch.tensor(options["targetScaling"][key]) for key in ("shift", "scale")) if "targetScaling" in options else (0, 1)
    network = Network(case)
    x, a = torch.tensor(case["x"]), torch.tensor(case["targets"])
    weights = torch.tensor(case["outputWeight"]) if "outputWeight" in case else torch.ones_like(a)
    optimizer = make_optimizer(options["optimizer"], network.parameters)

    def objective(inputs):
        z, p = network.forward((inputs - shift_x) / scale_x)
        decay = 0.5 * options.get("l2", 0) * sum((kernel ** 2).sum() for kernel in network.kernels)
        if case["loss"] in OUTPUT_LOSSES:
            return OUTPUT_LOSSES[case["loss"]](p * scale_y + shift_y, a), decay
        # A row's loss with weights: ROW_LOSSES of one output at a time are the outputs' shares of a sum.
        t = (a - shift_y) / scale_y
        if options["loss"] == "categoricalCrossentropy":
            rows = ROW_LOSSES[options["loss"]](z, p, t * weights)
        else:
            shares = [ROW_LOSSES[options["loss"]](z[:, [j]], p[:, [j]], t[:, [j]]) * weights[:, j] for j in range(a.shape[1])]
            rows = sum(shares)
            if options["loss"] in ("meanSquaredError", "meanAbsoluteError", "huber", "binaryCrossentropy"):
                rows = rows / a.shape[1]
        return rows.mean(), decay

    inputs = x.clone().requires_grad_()
    loss, decay = objective(inputs)
    (loss + decay).backward()
    expected = {"loss": loss.item(), "gradients": network.export(lambda parameter: parameter.grad), "inputs": inputs.grad.tolist()}
    losses = []
    for _ in range(case["steps"]):
        optimizer.zero_grad()
        loss, decay = objective(x)
        (loss + decay).backward()
        if "clipNorm" in options:
            torch.nn.utils.clip_grad_norm_(network.parameters, options["clipNorm"])
        optimizer.step()
        losses.append(loss.item())
    expected |= {"losses": losses, "weights": network.export(lambda parameter: parameter.detach())}
    return expected


def make_case(name, own_loss, hidden, output, rows=5, targets="real", steps=4, output_weight=False, **options):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    layers, inputs, weights = [3, {"units": 6, "activation": hidden}, {"units": 4, "activation": output}], 3, []
    for layer in layers[1:]:
        weights.append({"kernel": rng.normal(0, inputs ** -0.5, inputs * layer["units"]).round(4).tolist(),
                        "bias": rng.normal(0, 0.3, layer["units"]).round(4).tolist()})
        inputs = layer["units"]
    case = {"name": name, "loss": own_loss, "weights": weights, "steps": steps,
            "options": {"layers": layers, "dtype": "float64", "optimizer": {"name": "sgd", "learningRate": 0.1}, "loss": "halfSquaredError", **options},
            "x": rng.normal(0, 1, (rows, 3)).round(3).tolist(), "targets": draw_targets(rng, targets, rows, 4)}
    case["targets"] = [[float(value) for value in row] for row in case["targets"]]
    if output_weight:
        case["outputWeight"] = (rng.uniform(0, 2, (rows, 4)).round(2) * (rng.uniform(0, 1, (rows, 4)) > 0.3)).tolist()
    return case


def cases():
    for activation in ACTIVATIONS:
        if activation != "softmax":
            yield make_case(f"quantile over {activation}", "quantile", activation, activation)
    yield make_case("policy gradient over softmax", "policy", "tanh", "softmax")
    yield make_case("policy gradient of a crossentropy network", "policy", "relu", "softmax", loss="categoricalCrossentropy")
    yield make_case("ranking of a binary crossentropy network", "ranking", "gelu", "sigmoid", loss="binaryCrossentropy")
    yield make_case("variance over 300 rows", "variance", "swish", "linear", rows=300, steps=2)
    yield make_case("with l2 and clipping", "ranking", "tanh", "linear", l2=0.2, clipNorm=0.5)
    yield make_case("with adam", "ranking", "elu", "sigmoid", optimizer={"name": "adam", "learningRate": 0.05})
    scaling = {"inputScaling": {"shift": [0.5, -1.0, 2.0], "scale": [2.0, 0.25, 3.0]},
               "targetScaling": {"shift": [10.0, -5.0, 0.0, 1.0], "scale": [3.0, 0.5, 2.0, 1.0]}}
    yield make_case("with scaling", "quantile", "tanh", "linear", **scaling)
    targets = {"binaryCrossentropy": "binary", "categoricalCrossentropy": "onehot"}
    for loss in ROW_LOSSES:
        output = {"binaryCrossentropy": "sigmoid", "categoricalCrossentropy": "softmax"}.get(loss, "linear")
        yield make_case(f"output weights in {loss}", "weighted", "tanh", output, targets=targets.get(loss, "real"), loss=loss, output_weight=True)


if __name__ == "__main__":
    found = [case | {"expected": run(case)} for case in cases()]
    path = Path(__file__).with_suffix(".json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in found) + "\n]\n")
    print(len(found), "cases", path.stat().st_size, "bytes")
