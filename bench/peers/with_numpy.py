# A network written in NumPy, optimised: arrays are allocated once, operations are in place. float32 or float64.
import re

import numpy as np


class Network:
    def __init__(self, task, dtype, x, targets):
        sizes, batch = task["sizes"], min(task["batch"], len(x))
        generator = np.random.default_rng(0)
        self.classifies, self.step = task["classes"] > 0, task["learningRate"] / batch
        self.kernels = [(generator.standard_normal((m, n)) / np.sqrt(m)).astype(dtype) for m, n in zip(sizes, sizes[1:])]
        self.biases = [np.zeros(n, dtype) for n in sizes[1:]]
        self.x, self.targets, self.batch = x.astype(dtype), targets.astype(dtype), batch
        self.rows = [self.x[i : i + 1] for i in range(len(x))]
        self.kernel_gradients = [np.empty_like(kernel) for kernel in self.kernels]
        self.bias_gradients = [np.empty_like(bias) for bias in self.biases]
        self.memory = {}

    def arrays(self, rows):
        """Outputs, deltas and derivatives of every layer for a number of rows."""
        if rows not in self.memory:
            self.memory[rows] = [[np.empty((rows, len(bias)), bias.dtype) for bias in self.biases] for _ in range(3)]
        return self.memory[rows]

    def forward(self, x):
        outputs, last = self.arrays(len(x))[0], len(self.kernels) - 1
        for layer, (kernel, bias, z) in enumerate(zip(self.kernels, self.biases, outputs)):
            np.matmul(x, kernel, out=z)
            z += bias
            if layer == last and self.classifies:
                z -= z.max(1, keepdims=True)
                np.exp(z, out=z)
                z /= z.sum(1, keepdims=True)
            else:
                np.negative(z, out=z)
                np.exp(z, out=z)
                z += 1
                np.reciprocal(z, out=z)
            x = z
        return x

    def train(self, epochs):
        for _ in range(epochs):
            for start in range(0, len(self.x), self.batch):
                self.update(self.x[start : start + self.batch], self.targets[start : start + self.batch])

    def update(self, x, targets):
        outputs, deltas, slopes = self.arrays(len(x))
        np.subtract(self.forward(x), targets, out=deltas[-1])
        if not self.classifies:
            self.through_sigmoid(deltas[-1], outputs[-1], slopes[-1])
        for layer in range(len(self.kernels) - 1, 0, -1):
            np.matmul(deltas[layer], self.kernels[layer].T, out=deltas[layer - 1])
            self.through_sigmoid(deltas[layer - 1], outputs[layer - 1], slopes[layer - 1])
        for layer, below in enumerate([x, *outputs[:-1]]):
            np.matmul(below.T, deltas[layer], out=self.kernel_gradients[layer])
            np.add.reduce(deltas[layer], 0, out=self.bias_gradients[layer])
            for values, gradient in ((self.kernels[layer], self.kernel_gradients[layer]), (self.biases[layer], self.bias_gradients[layer])):
                gradient *= self.step
                values -= gradient

    @staticmethod
    def through_sigmoid(delta, output, slope):
        np.subtract(1, output, out=slope)
        slope *= output
        delta *= slope

    def predict_each(self):
        for row in self.rows:
            self.forward(row)

    def predict_all(self):
        return self.forward(self.x)

    outputs = predict_all


class open:
    def __init__(self, task, options):
        self.dtype = np.dtype(options["dtype"])
        self.task = task
        self.version = f"{np.__version__}, {blas()}"
        self.settings = f"{self.dtype}, hand-written: matmul and in-place operations on preallocated arrays"

    def network(self, x, targets, labels):
        return Network(self.task, self.dtype, x, targets)


def blas():
    """The BLAS library, found among the files that this process has mapped: NumPy does not report it."""
    np.ones((64, 64)) @ np.ones((64, 64))
    with __builtins__["open"]("/proc/self/maps") as maps:
        names = sorted(set(re.findall(r"/(lib[^/\s]*(?:openblas|blis|mkl|blas)[^/\s]*)", maps.read())), key=lambda name: "openblas" not in name)
    return names[0] if names else "unknown BLAS"
