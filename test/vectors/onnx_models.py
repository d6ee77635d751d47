"""ONNX models by other hands than wasmlp's, and what they predict.

torch-*.onnx are by torch.onnx.export, their outputs by PyTorch. The others are built node by node, with onnx.helper, as the converters'
sources have it (skl2onnx 1.x: operator_converters/multilayer_perceptron.py and scaler_op.py; tf2onnx 1.x, which makes of a Keras Dense
a MatMul, an Add and its activation): names say "-like". Their weights and outputs are scikit-learn's and NumPy's.

  onnx_models.py            writes test/vectors/onnx-models/*.onnx and outputs.json
  onnx_models.py check DIR  has onnx.checker look at every .onnx file in DIR, and prints their SHA-256 as JSON"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).with_name("onnx-models")
OUTPUTS = {}


def rows(count, columns, seed=3):
    return np.random.default_rng(seed).normal(0, 2, (count, columns)).astype(np.float32)


def keep(name, model, x, y):
    (FOLDER / f"{name}.onnx").write_bytes(model)
    # Without inference of shapes, which does not know ZipMap.
    onnx.checker.check_model(onnx.load_from_string(model))
    OUTPUTS[name] = {"inputs": np.asarray(x, np.float64).tolist(), "outputs": np.asarray(y, np.float64).tolist()}


def torch_models():
    import io
    import torch
    from torch import nn
    torch.manual_seed(1)
    linear = lambda a, b, **more: nn.Linear(a, b, **more)
    networks = {
        "sigmoid-tanh": (nn.Sequential(linear(4, 6), nn.Sigmoid(), linear(6, 5), nn.Tanh(), linear(5, 2)), {}),
        "relu-softmax": (nn.Sequential(linear(4, 6), nn.ReLU(), nn.Dropout(0.3), linear(6, 5), nn.LeakyReLU(0.01), linear(5, 3), nn.Softmax(-1)), {}),
        "elu-softplus": (nn.Sequential(linear(4, 6), nn.ELU(), linear(6, 5, bias=False), nn.Softplus(), linear(5, 1), nn.Sigmoid()), {}),
        "silu-gelu": (nn.Sequential(linear(4, 6), nn.SiLU(), linear(6, 5), nn.GELU(approximate="tanh"), linear(5, 2)), {}),
        "float64": (nn.Sequential(linear(4, 6), nn.SiLU(), linear(6, 5, bias=False), nn.GELU(approximate="tanh"), linear(5, 2)).double(), {}),
        "opset9": (nn.Sequential(nn.Flatten(), linear(4, 6), nn.Tanh(), linear(6, 2, bias=False)), {"opset_version": 9}),
        "dropout-kept": (nn.Sequential(linear(4, 6), nn.ReLU(), nn.Dropout(0.5), linear(6, 2)), {
            "training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}),
    }
    for name, (network, options) in networks.items():
        network.eval()
        x = torch.from_numpy(rows(12, 4)).to(next(network.parameters()).dtype)
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(network, x[:1], file, **{
                "opset_version": 13, "input_names": ["x"], "output_names": ["out"], "dynamic_axes": {"x": {0: "rows"}, "out": {0: "rows"}}, **options})
        keep(f"torch-{name}", file.getvalue(), x.numpy(), network(x).detach().numpy())
    # What wasmlp does not have: the exact gelu.
    file = io.BytesIO()
    network = nn.Sequential(linear(4, 3), nn.GELU(), linear(3, 2)).eval()
    torch.onnx.export(network, torch.zeros(1, 4), file, opset_version=13)
    (FOLDER / "refused-torch-gelu.onnx").write_bytes(file.getvalue())


def tensor(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.asarray(values, dtype), name)


def listed(name, values):
    """A tensor as skl2onnx writes it: float_data instead of raw bytes."""
    values = np.asarray(values, np.float32)
    return helper.make_tensor(name, TensorProto.FLOAT, values.shape, values.ravel().tolist())


def model(nodes, initializers, inputs, outputs, domains=(("", 15),)):
    graph = helper.make_graph(nodes, "model", inputs, outputs, initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid(*each) for each in domains])
    made.ir_version = 8
    return made.SerializeToString()


def skl_layers(network, value):
    """MatMul, Add and activation for each layer; the names are the converter's."""
    nodes, initializers = [], []
    hidden = {"identity": "Identity", "tanh": "Tanh", "logistic": "Sigmoid", "relu": "Relu", "softmax": "Softmax"}
    for i, (kernel, bias) in enumerate(zip(network.coefs_, network.intercepts_)):
        end = "" if i == 0 else str(i)
        initializers += [listed("coefficient" + end, kernel), listed("intercepts" + end, [bias])]
        last = i == len(network.coefs_) - 1
        activation = network.out_activation_ if last else network.activation
        result = "out_activations_result" if last else "next_activations" + end
        nodes += [
            helper.make_node("MatMul", [value, "coefficient" + end], ["mul_result" + end], "MatMul" + end),
            helper.make_node("Add", ["mul_result" + end, "intercepts" + end], ["add_result" + end], "Add" + end),
            helper.make_node(hidden[activation], ["add_result" + end], [result], hidden[activation] + end),
        ]
        value = result
    return nodes, initializers


def sklearn_models():
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import MinMaxScaler, StandardScaler
    warnings.simplefilter("ignore")
    x = rows(60, 4) * [1, 10, 0.1, 3] + [0, 5, 0, -100]
    x = x.astype(np.float32)
    ml = (("", 15), ("ai.onnx.ml", 1))
    info = lambda name, kind, shape: helper.make_tensor_value_info(name, kind, shape)
    scaler = StandardScaler().fit(x)
    scaled = scaler.transform(x)
    first = [
        helper.make_node("Scaler", ["X"], ["variable"], "Scaler", domain="ai.onnx.ml", offset=scaler.mean_.astype(np.float32),
                         scale=(1 / scaler.scale_).astype(np.float32)),
        helper.make_node("Cast", ["variable"], ["cast_input"], "Cast", to=TensorProto.FLOAT),
    ]
    inputs = [info("X", TensorProto.FLOAT, [None, 4])]

    for name, classes in (("classifier", 3), ("binary", 2)):
        y = np.arange(60) % classes
        network = MLPClassifier((6, 5), activation="tanh", max_iter=40, random_state=1).fit(scaled, y)
        nodes, initializers = skl_layers(network, "cast_input")
        if classes == 2:
            initializers.append(listed("unity", 1))
            nodes += [
                helper.make_node("Sub", ["unity", "out_activations_result"], ["negative_class_proba"], "Sub"),
                helper.make_node("Concat", ["negative_class_proba", "out_activations_result"], ["probabilities"], "Concat", axis=1),
            ]
        else:
            nodes.append(helper.make_node("Identity", ["out_activations_result"], ["probabilities"], "Identity"))
        initializers += [tensor("classes", network.classes_, np.int32), tensor("shape_tensor", [-1], np.int64)]
        nodes += [
            helper.make_node("ArgMax", ["probabilities"], ["argmax_output"], "ArgMax", axis=1),
            helper.make_node("ArrayFeatureExtractor", ["classes", "argmax_output"], ["extracted"], "ArrayFeatureExtractor", domain="ai.onnx.ml"),
            helper.make_node("Reshape", ["extracted", "shape_tensor"], ["reshaped_result"], "Reshape"),
            helper.make_node("Cast", ["reshaped_result"], ["output_label"], "Cast1", to=TensorProto.INT64),
            helper.make_node("ZipMap", ["probabilities"], ["output_probability"], "ZipMap", domain="ai.onnx.ml",
                             classlabels_int64s=list(range(classes))),
        ]
        zipped = onnx.ValueInfoProto(name="output_probability")
        entries = zipped.type.sequence_type.elem_type.map_type
        entries.key_type = TensorProto.INT64
        entries.value_type.tensor_type.elem_type = TensorProto.FLOAT
        outputs = [info("output_label", TensorProto.INT64, [None]), zipped]
        probabilities = network.predict_proba(scaled)
        keep(f"skl2onnx-like-{name}", model(first + nodes, initializers, inputs, outputs, ml), x[:12],
             probabilities[:12] if classes > 2 else probabilities[:12, 1:])

    target = x[:, 0] * 3 - x[:, 1]
    network = MLPRegressor((6,), activation="relu", max_iter=300, random_state=1).fit(scaled, target)
    nodes, initializers = skl_layers(network, "cast_input")
    initializers.append(tensor("shape_tensor", [-1, 1], np.int64))
    nodes.append(helper.make_node("Reshape", ["out_activations_result", "shape_tensor"], ["variable1"], "Reshape"))
    keep("skl2onnx-like-regressor", model(first + nodes, initializers, inputs, [info("variable1", TensorProto.FLOAT, [None, 1])], ml), x[:12],
         network.predict(scaled)[:12, None])

    # MinMaxScaler is a Mul and an Add.
    scaler = MinMaxScaler().fit(x)
    scaled = scaler.transform(x)
    network = MLPRegressor((6,), activation="logistic", max_iter=300, random_state=1).fit(scaled, np.c_[target, -target])
    nodes, initializers = skl_layers(network, "variable")
    initializers += [listed("scale", scaler.scale_), listed("min", scaler.min_)]
    first = [helper.make_node("Mul", ["X", "scale"], ["scaled"], "Mul"), helper.make_node("Add", ["scaled", "min"], ["variable"], "AddMin")]
    keep("skl2onnx-like-minmax", model(first + nodes, initializers, inputs, [info("out_activations_result", TensorProto.FLOAT, [None, 2])]), x[:12],
         network.predict(scaled)[:12])


def keras_models():
    random = np.random.default_rng(5)
    x = rows(12, 4)
    kernels = [random.normal(0, 0.6, shape).astype(np.float32) for shape in ((4, 6), (6, 5), (5, 3))]
    biases = [random.normal(0, 0.3, size).astype(np.float32) for size in (6, 5, 3)]
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    gelu = lambda z: 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z ** 3)))
    value = x.astype(np.float64)
    for kernel, bias, activation in zip(kernels, biases, (gelu, lambda z: z * sigmoid(z), lambda z: np.exp(z) / np.exp(z).sum(1, keepdims=True))):
        value = activation(value @ kernel.astype(np.float64) + bias)
    node = helper.make_node
    dense = lambda i, given, name: [
        node("MatMul", [given, f"kernel{i}"], [f"sequential/{name}/MatMul:0"], f"sequential/{name}/MatMul"),
        node("Add", [f"sequential/{name}/MatMul:0", f"bias{i}"], [f"{name}:0"], f"sequential/{name}/BiasAdd")]
    nodes = dense(0, "dense_input", "dense") + [
        # tf.nn.gelu(approximate=True): 0.5 x (1 + tanh(0.79… (x + 0.044… x³)))
        node("Pow", ["dense:0", "three"], ["cube"], "sequential/dense/Gelu/Pow"),
        node("Mul", ["cube", "small"], ["mul"], "sequential/dense/Gelu/mul"),
        node("Add", ["dense:0", "mul"], ["add"], "sequential/dense/Gelu/add"),
        node("Mul", ["add", "root"], ["mul_1"], "sequential/dense/Gelu/mul_1"),
        node("Tanh", ["mul_1"], ["tanh"], "sequential/dense/Gelu/Tanh"),
        node("Add", ["tanh", "one"], ["add_1"], "sequential/dense/Gelu/add_1"),
        node("Mul", ["dense:0", "half"], ["mul_2"], "sequential/dense/Gelu/mul_2"),
        node("Mul", ["mul_2", "add_1"], ["gelu"], "sequential/dense/Gelu/mul_3"),
    ] + dense(1, "gelu", "dense_1") + [
        node("Sigmoid", ["dense_1:0"], ["sigmoid"], "sequential/dense_1/Sigmoid"),
        node("Mul", ["dense_1:0", "sigmoid"], ["swish"], "sequential/dense_1/mul"),
    ] + dense(2, "swish", "dense_2") + [node("Softmax", ["dense_2:0"], ["output"], "sequential/dense_2/Softmax", axis=-1)]
    initializers = [tensor(f"kernel{i}", each) for i, each in enumerate(kernels)] + [tensor(f"bias{i}", each) for i, each in enumerate(biases)]
    initializers += [tensor(*each) for each in (("three", 3), ("small", 0.044715), ("root", np.sqrt(2 / np.pi)), ("one", 1), ("half", 0.5))]
    keep("tf2onnx-like", model(nodes, initializers, [helper.make_tensor_value_info("dense_input", TensorProto.FLOAT, ["unk__6", 4])],
                               [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["unk__7", 3])]), x, value)


def check(folder):
    hashes = {}
    for path in sorted(Path(folder).glob("*.onnx")):
        onnx.checker.check_model(onnx.load(str(path)), full_check=True)
        hashes[path.stem] = hashlib.sha256(path.read_bytes()).hexdigest()
    print(json.dumps({"checker": onnx.__version__, "files": hashes}, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        check(sys.argv[2])
    else:
        FOLDER.mkdir(exist_ok=True)
        torch_models()
        sklearn_models()
        keras_models()
        (FOLDER / "outputs.json").write_text(json.dumps(OUTPUTS, separators=(",", ":")) + "\n")
