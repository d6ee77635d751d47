"""Opens a network saved by wasmlp in scikit-learn. Copy this file: beside scikit-learn it needs json and NumPy alone.

    from load_in_sklearn import load
    model = load("model.safetensors")     # an MLPClassifier or MLPRegressor, with the scalers in a pipeline where there are any
    model.predict([[0.0, 1.0]])

On the command line it prints outputs as JSON: probabilities of a classifier, numbers of a regressor.

    load_in_sklearn.py MODEL.safetensors INPUTS    INPUTS: rows as JSON

scikit-learn has one activation for all hidden layers (relu, sigmoid as "logistic", tanh, linear as "identity"), biases everywhere, and a
last layer that is linear in a regressor, sigmoid or softmax in a classifier. Other networks are refused."""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelBinarizer, StandardScaler

ACTIVATIONS = {"linear": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
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


def standard_scaler(scaler):
    """A StandardScaler, fitted, that computes (value - shift) / scale."""
    fitted = StandardScaler()
    fitted.mean_, fitted.scale_ = np.array(scaler["shift"]), np.array(scaler["scale"])
    fitted.var_, fitted.n_features_in_ = fitted.scale_**2, len(fitted.scale_)
    return fitted


def network(tensors, options):
    """The MLPClassifier or MLPRegressor of these weights."""
    inputs, *layers = options["layers"]
    hidden = {layer["activation"] for layer in layers[:-1]} or {"linear"}
    last = layers[-1]
    if len(hidden) > 1 or not hidden <= ACTIVATIONS.keys():
        raise ValueError(f"scikit-learn has one activation for all hidden layers, of {', '.join(ACTIVATIONS)}; this network has {', '.join(sorted(hidden))}")
    if last["activation"] not in ("linear", "sigmoid", "softmax"):
        raise ValueError(f"the last layer's activation is {last['activation']}; scikit-learn has linear, sigmoid and softmax there")
    if last["activation"] == "softmax" and last["units"] < 3:
        raise ValueError("scikit-learn classifies two classes by one output with a sigmoid, not by two with a softmax")
    classifies = last["activation"] != "linear"
    model = (MLPClassifier if classifies else MLPRegressor)(
        hidden_layer_sizes=tuple(layer["units"] for layer in layers[:-1]), activation=ACTIVATIONS[hidden.pop()])
    dtype = DTYPES["F64" if options["dtype"] == "float64" else "F32"]
    model.coefs_ = [np.ascontiguousarray(tensors[f"layers.{i}.weight"].T) for i in range(len(layers))]
    model.intercepts_ = [tensors.get(f"layers.{i}.bias", np.zeros(layer["units"], dtype)).copy() for i, layer in enumerate(layers)]
    model.n_layers_, model.n_outputs_, model.n_features_in_ = len(layers) + 1, last["units"], inputs
    model.out_activation_ = {"linear": "identity", "sigmoid": "logistic", "softmax": "softmax"}[last["activation"]]
    model.t_, model.n_iter_ = 0, 0
    if classifies:
        # One sigmoid tells two classes apart, a softmax one of many; several sigmoids are labels that do not exclude each other.
        model._label_binarizer = LabelBinarizer()
        several = last["activation"] == "sigmoid" and last["units"] > 1
        model._label_binarizer.fit(np.eye(last["units"], dtype=int) if several else range(max(2, last["units"])))
        model.classes_ = model._label_binarizer.classes_
    return model


def load(path):
    """A fitted estimator; with scalers a pipeline, and a TransformedTargetRegressor around it where targets are scaled."""
    tensors, description = read(path)
    model = network(tensors, description["options"])
    scalers = description.get("scalers", {})
    if "input" in scalers:
        model = make_pipeline(standard_scaler(scalers["input"]), model)
    if "target" in scalers:
        wrapped = TransformedTargetRegressor(model)
        wrapped.regressor_, wrapped.transformer_ = model, standard_scaler(scalers["target"])
        wrapped._training_dim = 2
        model = wrapped
    return model


def main():
    model = load(sys.argv[1])
    outputs = (model.predict_proba if hasattr(model, "predict_proba") else model.predict)(np.array(json.loads(sys.argv[2]), float))
    print(json.dumps(np.asarray(outputs, float).reshape(len(outputs), -1).tolist(), allow_nan=False))


if __name__ == "__main__":
    main()
