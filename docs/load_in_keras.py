"""Opens a network saved by wasmlp in Keras. Copy this file: beside Keras it needs json and NumPy alone.

    from load_in_keras import load
    model = load("model.safetensors")     # a keras.Sequential, scalers included
    model.predict(np.array([[0.0, 1.0]]))

On the command line it prints outputs as JSON:

    load_in_keras.py MODEL.safetensors INPUTS    INPUTS: rows as JSON"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

# Keras' own functions where its names mean others: its leaky_relu has another slope, its gelu is not the tanh form.
ACTIVATIONS = {
    "linear": "linear", "sigmoid": "sigmoid", "tanh": "tanh", "relu": "relu", "elu": "elu", "softplus": "softplus", "softmax": "softmax",
    "swish": lambda x: x * keras.activations.sigmoid(x),
    "leakyRelu": lambda x: keras.activations.relu(x, 0.01),
    "gelu": lambda x: keras.activations.gelu(x, approximate=True),
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


def weights_of(tensors, options):
    """Each Dense layer's [kernel, bias] with scalers left out; Keras' kernels are inputs x units."""
    return [
        [tensors[f"layers.{i}.weight"].T.copy()] + ([tensors[f"layers.{i}.bias"].copy()] if layer["bias"] else [])
        for i, layer in enumerate(options["layers"][1:])
    ]


def fold_scalers(weights, scalers):
    """Scaling is linear, so a Dense layer before and after the network does it: a diagonal kernel and a bias, each or None."""
    before = after = None
    if "input" in scalers:
        shift, scale = (np.array(scalers["input"][key]) for key in ("shift", "scale"))
        before = [np.diag(1 / scale), -shift / scale]
    if "target" in scalers:
        after = [np.diag(scalers["target"]["scale"]), np.array(scalers["target"]["shift"])]
    return before, weights, after


def load(path):
    """A keras.Sequential with the file's weights."""
    tensors, description = read(path)
    options = description["options"]
    dtype = options["dtype"]
    layers, weights = [keras.Input((options["layers"][0],), dtype=dtype)], []
    before, dense, after = fold_scalers(weights_of(tensors, options), description.get("scalers", {}))

    def add_scaling(values):
        layers.append(keras.layers.Dense(len(values[1]), dtype=dtype, trainable=False))
        weights.append(values)

    if before:
        add_scaling(before)
    for layer, values in zip(options["layers"][1:], dense):
        layers.append(keras.layers.Dense(layer["units"], activation=ACTIVATIONS[layer["activation"]], use_bias=layer["bias"], dtype=dtype))
        weights.append(values)
        if layer["dropout"]:
            layers.append(keras.layers.Dropout(layer["dropout"], dtype=dtype))
    if after:
        add_scaling(after)
    model = keras.Sequential(layers)
    for layer, values in zip((layer for layer in model.layers if isinstance(layer, keras.layers.Dense)), weights):
        layer.set_weights(values)
    return model


def main():
    model = load(sys.argv[1])
    outputs = model.predict(np.array(json.loads(sys.argv[2])), verbose=0)
    print(json.dumps(np.asarray(outputs, float).tolist(), allow_nan=False))


if __name__ == "__main__":
    main()
