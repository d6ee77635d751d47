"""The two textbook articles worked by hand in NumPy: a 5-10-1 sigmoid network on ten rows, and a single neuron.
The 5-10-1 network is trained three ways: the derivation, the printed listing with its two slips, and
binary cross-entropy. PyTorch's autograd looks over the shoulder of every correct gradient, nothing more."""

import json
from pathlib import Path

import numpy as np
import torch

INPUTS, HIDDEN, OUTPUTS, LEARNING_RATE, EPOCHS, SEED = 5, 10, 1, 0.1, 1000, 1
SEEDS = list(range(1, 21))

COLUMNS = ["lectures attended", "homework done", "slept well", "read the book", "nights out"]
TARGET = "passed"
TABLE = np.array([
    [0.9, 0.8, 1, 1, 0.2, 1],
    [0.7, 0.6, 1, 0, 0.4, 1],
    [0.3, 0.2, 0, 0, 0.8, 0],
    [0.5, 0.9, 0, 1, 0.3, 1],
    [0.4, 0.3, 1, 0, 0.7, 0],
    [0.8, 0.7, 0, 0, 0.5, 1],
    [0.2, 0.6, 0, 1, 0.8, 0],
    [0.5, 0.6, 1, 1, 0.9, 1],
    [0.4, 0.5, 1, 0, 0.4, 0],
    [0.7, 0.3, 0, 1, 0.9, 0],
])
X, T = TABLE[:, :INPUTS], TABLE[:, INPUTS:]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def half_squared_error(p):
    return 0.5 * ((T - p) ** 2).sum(axis=1).mean()


def binary_crossentropy(p):
    return -(T * np.log(p) + (1 - T) * np.log(1 - p)).mean(axis=1).mean()


def initial_weights(seed):
    """N(0, inputs^-1/2), the hidden kernel drawn first; kernels are inputs × units."""
    rng = np.random.default_rng(seed)
    return [rng.normal(0, INPUTS ** -0.5, (INPUTS, HIDDEN)), np.zeros((1, HIDDEN)),
            rng.normal(0, HIDDEN ** -0.5, (HIDDEN, OUTPUTS)), np.zeros((1, OUTPUTS))]


def forward(weights):
    w1, b1, w2, b2 = weights
    hidden = sigmoid(X @ w1 + b1)
    return hidden, sigmoid(hidden @ w2 + b2)


def backward(weights, output_slope):
    """δ_out = (y−t)·slope; δ_hidden = (δ_out·Wᵀ)·h(1−h); a bias collects its deltas of all rows."""
    hidden, y = forward(weights)
    delta_out = (y - T) * output_slope(y)
    delta_hidden = (delta_out @ weights[2].T) * hidden * (1 - hidden)
    return [X.T @ delta_hidden, delta_hidden.sum(0, keepdims=True),
            hidden.T @ delta_out, delta_out.sum(0, keepdims=True)]


def derivation_gradients(weights):
    return backward(weights, lambda y: y * (1 - y))


def crossentropy_gradients(weights):
    """The slope of the output's sigmoid cancels: δ_out = y−t."""
    return backward(weights, lambda y: 1)


def listing_gradients(weights):
    """Slip 1: the slope σ(a)(1−σ(a)) is taken at a = σ(z), already activated, in both layers.
    Slip 2: every row keeps a bias of its own, moved by that row's delta alone."""
    hidden, y = forward(weights)
    delta_out = (y - T) * sigmoid(y) * (1 - sigmoid(y))
    delta_hidden = (delta_out @ weights[2].T) * sigmoid(hidden) * (1 - sigmoid(hidden))
    return [X.T @ delta_hidden, delta_hidden, hidden.T @ delta_out, delta_out]


def autograd_gradients(weights, loss):
    """What PyTorch says of Σ over rows of the loss at these weights."""
    w1, b1, w2, b2 = leaves = [torch.tensor(w, requires_grad=True) for w in weights]
    x, t = torch.tensor(X), torch.tensor(T)
    z = torch.sigmoid(x @ w1 + b1) @ w2 + b2
    if loss is half_squared_error:
        total = 0.5 * ((t - torch.sigmoid(z)) ** 2).sum()
    else:
        total = torch.nn.functional.binary_cross_entropy_with_logits(z, t, reduction="sum")
    total.backward()
    return [leaf.grad.numpy() for leaf in leaves]


def train(seed, gradients, loss=half_squared_error, check=False):
    """Full-batch gradient descent. The loss of an epoch is measured before its step."""
    weights, losses = initial_weights(seed), []
    if gradients is listing_gradients:
        weights = [w if w.shape[0] > 1 else np.repeat(w, len(X), axis=0) for w in weights]
    for _ in range(EPOCHS):
        losses.append(loss(forward(weights)[1]))
        steps = gradients(weights)
        if check:
            for ours, theirs in zip(steps, autograd_gradients(weights, loss)):
                assert np.abs(ours - theirs).max() < 1e-12
        weights = [w - LEARNING_RATE * step for w, step in zip(weights, steps)]
    return weights, losses


WAYS = {
    "derivation": dict(gradients=derivation_gradients),
    "listing": dict(gradients=listing_gradients),
    "binaryCrossentropy": dict(gradients=crossentropy_gradients, loss=binary_crossentropy),
}


def export(weights):
    """Row-major flat kernels; a bias is one list, or in the listing one list a row."""
    flat = lambda bias: bias[0].tolist() if len(bias) == 1 else bias.tolist()
    return [{"kernel": weights[i].ravel().tolist(), "bias": flat(weights[i + 1])} for i in (0, 2)]


def three_layers():
    result = {
        "table": {"columns": COLUMNS, "target": TARGET, "x": X.tolist(), "y": T.tolist()},
        "network": {"inputs": INPUTS, "hidden": HIDDEN, "outputs": OUTPUTS, "learningRate": LEARNING_RATE,
                    "epochs": EPOCHS},
        "initialWeights": export(initial_weights(SEED)),
    }
    for name, way in WAYS.items():
        weights, losses = train(SEED, check=name != "listing", **way)
        predictions = forward(weights)[1]
        result[name] = {"loss": losses, "predictions": predictions.tolist(), "weights": export(weights),
                        "halfSquaredError": half_squared_error(predictions)}
        print(f"{name:20}", " ".join(f"{p:.3f}" for p in predictions[:, 0]),
              f" ½Σ(t−p)² a row {result[name]['halfSquaredError']:.5f}")
    result["seeds"] = {"count": len(SEEDS)}
    for name, way in WAYS.items():
        runs = np.array([forward(train(seed, **way)[0])[1][:, 0] for seed in SEEDS])
        right = ((runs > 0.5) == (T[:, 0] > 0.5)).all(axis=1).sum()
        assert right == len(SEEDS), (name, right)
        result["seeds"][name] = {"lowest": runs.min(0).tolist(), "highest": runs.max(0).tolist()}
        print(f"{name:20}", " ".join(f"{a:.3f}–{b:.3f}" for a, b in zip(runs.min(0), runs.max(0))))
    return result


def neuron_run(x, target, learning_rate, weights, bias=None, iterations=1000, far=None):
    """One sigmoid neuron on one row, error (p−t)²: its predictions and errors before each update."""
    x, w, b = np.array(x), np.array(weights), 0.0 if bias is None else bias

    def look():
        p = float(sigmoid(w @ x + b))
        return p, (p - target) ** 2

    def state():
        kept = {"kernel": w.tolist()} | ({} if bias is None else {"bias": [b]})
        return {"weights": [kept], "prediction": look()[0], "error": look()[1]}

    layer = {"units": 1, "activation": "sigmoid", "bias": bias is not None}
    run = {"options": {"layers": [len(x), layer], "loss": "squaredError", "dtype": "float64", "shuffle": False,
                       "optimizer": {"name": "sgd", "learningRate": learning_rate}, "reduction": "sum", "batchSize": 1},
           "x": x.tolist(), "target": target, "initialWeights": state()["weights"], "iterations": iterations,
           "predictions": [], "errors": []}
    for iteration in range(max(iterations, far or 0)):
        p, error = look()
        if iteration < iterations:
            run["predictions"].append(p)
            run["errors"].append(error)
        delta = 2 * (p - target) * p * (1 - p)
        if iteration % 100 == 0:
            check_neuron(x, target, w, b, delta)
        w = w - learning_rate * delta * x
        b = b if bias is None else b - learning_rate * delta
        if iteration + 1 == iterations:
            run["final"] = state()
        if iteration + 1 == far:
            run["far"] = {"iterations": far} | state()
    return run


def check_neuron(x, target, w, b, delta):
    kernel, bias = torch.tensor(w, requires_grad=True), torch.tensor(float(b), dtype=torch.float64, requires_grad=True)
    ((torch.sigmoid(kernel @ torch.tensor(x) + bias) - target) ** 2).backward()
    assert np.abs(kernel.grad.numpy() - delta * x).max() < 1e-12 and abs(bias.grad.item() - delta) < 1e-12


def main():
    result = {"threeLayers": three_layers()}
    result["oneInput"] = [neuron_run([0.1], 0.3, rate, [start], far=80_000 if rate == 0.5 else None)
                          for rate in (0.01, 0.5) for start in (0.5, 2.0)]
    result["twoInputs"] = [neuron_run([0.1, 0.4], 0.7, 0.5, [0.5, -0.3], bias) for bias in (None, 0.0)]
    for run in result["oneInput"] + result["twoInputs"]:
        print(run["options"]["optimizer"], run["initialWeights"], run["predictions"][0], run["final"], run.get("far"))
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'), allow_nan=False)}"
                       for key, value in result.items())
    Path(__file__).with_name("textbook.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
