# Activation functions at many points, to 60 digits and then rounded to float64: what the kernels' errors are counted against.
#
#   /usr/bin/python3 test/vectors/functions.py        (Debian: python3-mpmath)
import json
import random
import struct
from pathlib import Path

import mpmath as mp

mp.mp.dps = 60


def gelu(x):
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))


FUNCTIONS = {
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "tanh": mp.tanh,
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "swish": lambda x: x / (1 + mp.exp(-x)),
    "gelu": gelu,
}

random.seed(1)
# Where arithmetic is delicate: zero, tiny and huge sums, the ends of exp's range, around every change of method.
POINTS = [0.0, 1e-30, -1e-30, 1e-20, -1e-20, 1e-8, -1e-8, 1e-4, -1e-4]
POINTS += [sign * (0.34657 + step / 1000) for step in range(-3, 4) for sign in (1, -1)]
POINTS += [sign * value for value in (16, 17, 20, 22, 36, 37, 40, 87, 88.5, 100, 103, 700, 708, 740) for sign in (1, -1)]
POINTS += [random.uniform(-1, 1) for _ in range(60)] + [random.uniform(-20, 20) for _ in range(80)]
POINTS += [random.uniform(-90, 90) for _ in range(30)] + [random.uniform(-745, 745) for _ in range(20)]
# Rounded to float32, so that one table serves both precisions.
POINTS = sorted({struct.unpack("f", struct.pack("f", value))[0] for value in POINTS})

table = {"x": POINTS}
for name, function in FUNCTIONS.items():
    table[name] = [float(function(mp.mpf(x))) for x in POINTS]
path = Path(__file__).with_name("functions.json")
path.write_text(json.dumps(table).replace("], ", "],\n"))
