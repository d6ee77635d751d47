"""Opens a network saved by wasmlp in PyTorch. Copy this file: beside PyTorch it needs json and NumPy alone.

    from load_in_pytorch import load
    model, description = load("model.safetensors")     # a torch.nn.Sequential, ready to predict
    model(torch.tensor([[0.0, 1.0]]))

On the command line it prints outputs as JSON:

    load_in_pytorch.py MODEL.safetensors [INPUTS]    INPUTS: rows as JSON; without them 20 random rows, seeded

The other way, export_weights writes a module's state_dict to a safetensors file, for NN.load(bytes, { layers }):

    from load_in_pytorch import export_weights
    export_weights(model, "weights.safetensors")"""

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
    """The tensors of a safetensors file by name, and wasmlp's description of the network."""
    file = Path(path).read_bytes()
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:start])
    description = json.loads(header.pop("__metadata__")["wasmlp"])
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        tensors[name] = np.frombuffer(file[start + first:start + last], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, description


class Scaling(torch.nn.Module):
    """Scales inputs, or undoes the scaling of outputs, column by column, in float64 as wasmlp does."""

    def __init__(self, scaler, undo, dtype):
        super().__init__()
        for key in ("shift", "scale"):
            self.register_buffer(key, torch.tensor(scaler[key], dtype=torch.float64))
        self.undo, self.dtype = undo, dtype

    def forward(self, x):
        x = x.to(torch.float64)
        return (x * self.scale + self.shift if self.undo else (x - self.shift) / self.scale).to(self.dtype)


def load(path):
    """A torch.nn.Sequential in evaluation mode, scalers included, and wasmlp's description: options, scalers, steps, epochs."""
    tensors, description = read(path)
    options, scalers = description["options"], description.get("scalers", {})
    dtype = getattr(torch, options["dtype"])
    modules = []
    if "input" in scalers:
        modules.append(Scaling(scalers["input"], False, dtype))
    inputs = options["layers"][0]
    for i, layer in enumerate(options["layers"][1:]):
        linear = torch.nn.Linear(inputs, layer["units"], bias=layer["bias"], dtype=dtype)
        names = ["weight", "bias"] if layer["bias"] else ["weight"]
        linear.load_state_dict({name: torch.from_numpy(tensors[f"layers.{i}.{name}"].copy()) for name in names})
        modules += [linear, ACTIVATIONS[layer["activation"]]()]
        if layer["dropout"]:
            modules.append(torch.nn.Dropout(layer["dropout"]))
        inputs = layer["units"]
    if "target" in scalers:
        modules.append(Scaling(scalers["target"], True, torch.float64))
    return torch.nn.Sequential(*modules).eval(), description


def export_weights(module, path):
    """Writes the state_dict of a module, or one already taken, to a safetensors file."""
    state = module if isinstance(module, dict) else module.state_dict()
    header, blocks, at = {}, [], 0
    for name, tensor in state.items():
        numbers = tensor.detach().cpu().numpy()
        dtype = "F64" if numbers.dtype == np.float64 else "F32"
        block = np.ascontiguousarray(numbers, DTYPES[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": list(numbers.shape), "data_offsets": [at, at + len(block)]}
        blocks.append(block)
        at += len(block)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blocks))


def predict(model, description, inputs):
    """Outputs in the targets' own units, as lists."""
    dtype = torch.float64 if "input" in description.get("scalers", {}) else getattr(torch, description["options"]["dtype"])
    with torch.no_grad():
        return model(torch.tensor(inputs, dtype=dtype)).numpy().astype(np.float64).tolist()


def main():
    model, description = load(sys.argv[1])
    size = description["options"]["layers"][0]
    inputs = json.loads(sys.argv[2]) if len(sys.argv) > 2 else np.random.default_rng(1).normal(0, 2, (20, size)).round(3).tolist()
    print(json.dumps({"inputs": inputs, "outputs": predict(model, description, inputs)}, separators=(",", ":"), allow_nan=False))


if __name__ == "__main__":
    main()
