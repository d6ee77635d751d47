"""As much of Keras 3 as docs/load_in_keras.py uses, in NumPy, for machines without Keras: names, arguments and shapes after its
documentation, functions by their formulas."""

from types import SimpleNamespace

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    assert max_value is None and threshold == 0
    return np.where(x > 0, x, negative_slope * x)


def gelu(x, approximate=False):
    assert approximate
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


activations = SimpleNamespace(sigmoid=sigmoid, relu=relu, gelu=gelu)
NAMED = {
    None: lambda x: x, "linear": lambda x: x, "sigmoid": sigmoid, "tanh": np.tanh, "relu": relu, "softmax": softmax,
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)), "softplus": lambda x: np.logaddexp(0, x),
}


def Input(shape, dtype=None):
    return SimpleNamespace(shape=(None, *shape))


class Dense:
    def __init__(self, units, activation=None, use_bias=True, dtype=None, trainable=True):
        self.units, self.use_bias, self.dtype = units, use_bias, dtype
        self.activation = activation if callable(activation) else NAMED[activation]

    def build(self, inputs):
        self.shapes = [(inputs, self.units)] + ([(self.units,)] if self.use_bias else [])

    def set_weights(self, weights):
        assert [each.shape for each in weights] == self.shapes
        self.weights = [each.astype(self.dtype) for each in weights]

    def __call__(self, x):
        return self.activation(x @ self.weights[0] + (self.weights[1] if self.use_bias else 0))


class Dropout:
    def __init__(self, rate, dtype=None):
        pass

    def __call__(self, x):
        return x


layers = SimpleNamespace(Dense=Dense, Dropout=Dropout)


class Sequential:
    def __init__(self, layers):
        (_, size), *self.layers = layers[0].shape, *layers[1:]
        for layer in self.layers:
            if isinstance(layer, Dense):
                layer.build(size)
                size = layer.units

    def predict(self, x, verbose="auto"):
        for layer in self.layers:
            x = layer(x)
        return x
