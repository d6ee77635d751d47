"""Opens a network saved by wasmlp in PyTorch, with json and NumPy alone for the file, and prints its outputs as JSON.

  load_in_pytorch.py MODEL.safetensors [INPUTS]    INPUTS: rows as JSON; without them 20 random rows, seeded"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

ACTIVATIONS = {
    "linear": torch.nn.Identity, "sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU,
    "leakyRelu": lambda: torch.nn.LeakyReLU(0.01), "elu": torch.nn.ELU, "softplus": torch.nn.Softplus, "swish": torch.nn.SiLU,
    "gelu": lambda: torch.nn.GELU(approximate="tanh"), "softmax": lambda: torch.nn.Softmax(dim=-1),
}
DTYPES = {"F32": "<f4", "F64": "<f8"}


def read(path):
    """The tensors of a safetensors file by name, and its metadata."""
    file = Path(path).read_bytes()
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:start])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        tensors[name] = np.frombuffer(file[start + first:start + last], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata


class Network(torch.nn.Module):
    """Its state_dict has the file's names: layers.0.weight, layers.0.bias, layers.1.weight …"""

    def __init__(self, layers, dtype):
        super().__init__()
        inputs = [layers[0]] + [layer["units"] for layer in layers[1:]]
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(size, layer["units"], bias=layer["bias"], dtype=dtype) for size, layer in zip(inputs, layers[1:]))
        self.activations = torch.nn.ModuleList(ACTIVATIONS[layer["activation"]]() for layer in layers[1:])
        self.dropouts = torch.nn.ModuleList(torch.nn.Dropout(layer["dropout"]) for layer in layers[1:])

    def forward(self, x):
        for layer, activation, dropout in zip(self.layers, self.activations, self.dropouts):
            x = dropout(activation(layer(x)))
        return x


def load(path):
    """The module, ready to predict, and what wasmlp says of it."""
    tensors, metadata = read(path)
    description = json.loads(metadata["wasmlp"])
    options = description["options"]
    module = Network(options["layers"], getattr(torch, options["dtype"]))
    module.load_state_dict({name: torch.from_numpy(tensor.copy()) for name, tensor in tensors.items()}, strict=True)
    return module.eval(), description


def predict(module, description, inputs):
    """Outputs in the targets' own units, where the network scales inputs or targets: (value - shift) / scale."""
    scalers = description.get("scalers", {})
    x = np.array(inputs, dtype=np.float64)
    if "input" in scalers:
        x = (x - scalers["input"]["shift"]) / scalers["input"]["scale"]
    with torch.no_grad():
        y = module(torch.from_numpy(x).to(module.layers[0].weight.dtype)).numpy().astype(np.float64)
    if "target" in scalers:
        y = y * scalers["target"]["scale"] + scalers["target"]["shift"]
    return y.tolist()


def main():
    module, description = load(sys.argv[1])
    random = lambda: np.random.default_rng(1).normal(0, 2, (20, module.layers[0].in_features)).round(3).tolist()
    inputs = json.loads(sys.argv[2]) if len(sys.argv) > 2 else random()
    print(json.dumps({"inputs": inputs, "outputs": predict(module, description, inputs)}, separators=(",", ":"), allow_nan=False))


if __name__ == "__main__":
    main()
