# Runs one Python library on one task, as host.mjs does. One thread, which environment variables set before anything is imported.
import json
import os
import sys

for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
import importlib
import time


def say(answer):
    print("\n@" + json.dumps(answer), flush=True)


def quality(outputs, targets):
    """As quality.mjs."""
    right = (outputs > 0.5) == (targets > 0.5) if targets.shape[1] == 1 else outputs.argmax(1) == targets.argmax(1)
    return {"squaredError": float(((outputs - targets) ** 2).mean()), "accuracy": float(right.mean())}


def serve(opened, task, load, rows):
    """Answers questions until there are no more."""
    network = None
    for line in sys.stdin:
        question = json.loads(line)
        if question["ask"] == "learn":
            data = load(question["rows"])
            learner = opened.network(*data)
            before = quality(learner.outputs(), data[1])
            learner.train(question["epochs"])
            say({"before": before, "after": quality(learner.outputs(), data[1])})
        else:
            if network is None:
                network = opened.network(*load(rows))
            iterations, wall, processor = question["iterations"], time.perf_counter(), time.process_time()
            if task["trains"]:
                network.train(iterations)
            else:
                for _ in range(iterations):
                    network.predict_each() if task["batch"] == 1 else network.predict_all()
            processor = time.process_time() - processor
            say({"ms": 1000 * min(time.perf_counter() - wall, processor)})


def main(module, options, task, data):
    try:
        import numpy
        opened = importlib.import_module(module).open(task, options)
    except ImportError as error:
        return say({"absent": f"no Python module {error.name}"})
    x = numpy.fromfile(data["x"], numpy.float32).reshape(-1, task["sizes"][0])
    targets = numpy.fromfile(data["targets"], numpy.float32).reshape(-1, task["sizes"][-1])
    labels = numpy.fromfile(data["labels"], numpy.uint8).astype(numpy.int64)
    say({"version": opened.version, "settings": opened.settings, "rows": task["rows"], "epochs": task["epochs"]})
    try:
        serve(opened, task, lambda rows: (x[:rows], targets[:rows], labels[:rows]), task["rows"])
    except Exception as error:
        say({"failed": f"{type(error).__name__}: {error}"})


arguments = json.loads(sys.argv[1])
main(arguments["file"], arguments["options"], arguments["task"], arguments["data"])
