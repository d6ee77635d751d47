# scikit-learn's side: train.py TASK [FOLDER of images] prints, as JSON, a score and the CPU seconds of training for each seed;
# with --replica it prints initial weights, rows and the outputs after training, which replica.mjs reproduces.
import csv
import gzip
import json
import os
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info

HERE = os.path.dirname(os.path.abspath(__file__))
warnings.filterwarnings("ignore", category=ConvergenceWarning)  # every run ends at max_iter, as intended


def is_regression(task):
    return task["loss"] == "halfSquaredError"


def read_table(name):
    with open(os.path.join(HERE, "../../examples/data", name + ".csv")) as file:
        rows = list(csv.reader(file))[1:]
    if name == "digits":
        return np.array([[int(c, 17) for c in row[0]] for row in rows], float), np.array([int(row[1]) for row in rows])
    x = np.array([[float(v) for v in row[:-1]] for row in rows])
    last = [row[-1] for row in rows]
    if name == "diabetes":
        return x, np.array([float(v) for v in last])
    classes = list(dict.fromkeys(last))  # numbered in the order in which they first appear
    return x, np.array([classes.index(v) for v in last])


def read_images(folder, kind):
    def read(name, header):
        path = os.path.join(folder, f"{kind}-{name}-ubyte")
        with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz") as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    return (read("images-idx3", 16).reshape(-1, 784) / 255).astype(np.float32), read("labels-idx1", 8)


def split_folds(x, y, folds, by_class):
    """Row i of each class, or of a table without classes, is tested in fold i mod folds."""
    seen, fold_of = {}, []
    for target in y:
        group = target if by_class else 0
        fold_of.append(seen.get(group, 0) % folds)
        seen[group] = seen.get(group, 0) + 1
    fold_of = np.array(fold_of)
    return [(x[fold_of != f], y[fold_of != f], x[fold_of == f], y[fold_of == f]) for f in range(folds)]


def estimator(task, seed, **other):
    """Trains for exactly `epochs`, without early stopping."""
    optimizer = task["optimizer"]
    if optimizer["name"] == "adam":
        own = dict(beta_1=optimizer["beta1"], beta_2=optimizer["beta2"], epsilon=optimizer["epsilon"])
    else:
        own = dict(momentum=optimizer["momentum"], nesterovs_momentum=optimizer["nesterov"])
    settings = dict(
        hidden_layer_sizes=task["hidden"], activation=task["activation"], solver=optimizer["name"],
        learning_rate="constant", learning_rate_init=optimizer["learningRate"], alpha=task["alpha"],
        batch_size=task["batchSize"], max_iter=task["epochs"], tol=0.0, n_iter_no_change=np.inf, early_stopping=False,
        random_state=seed,
    )
    return (MLPRegressor if is_regression(task) else MLPClassifier)(**{**settings, **own, **other})


def standard(rows):
    """Scaled in float64 before rounding to float32, as in wasmlp."""
    return StandardScaler().fit(rows)


def run(task, folds, seed):
    seconds, scores = 0.0, []
    for x, y, x_test, y_test in folds:
        start = time.process_time()
        scaler = standard(x) if task["scaling"] else None
        scale = lambda rows: (scaler.transform(rows) if scaler else rows).astype(np.float32)
        inputs = scale(x)
        if is_regression(task):
            targets = standard(y[:, None])
            model = estimator(task, seed).fit(inputs, targets.transform(y[:, None]).ravel().astype(np.float32))
        else:
            model = estimator(task, seed).fit(inputs, y)
        seconds += time.process_time() - start
        assert model.n_iter_ == task["epochs"] and model.coefs_[0].dtype == np.float32
        answers = model.predict(scale(x_test))
        if is_regression(task):
            scores.append(r2_score(y_test, targets.inverse_transform(answers[:, None]).ravel()))
        else:
            scores.append(accuracy_score(y_test, answers))
    return dict(score=float(np.mean(scores)), seconds=seconds)


def replica(task, folds):
    """Initial weights, at most 1500 rows in whole batches in a fixed order, and the outputs after training on them in float64."""
    x, y, x_test, _ = folds[0]
    rows = min(len(x), 1500) // task["batchSize"] * task["batchSize"]
    order = np.random.RandomState(0).permutation(len(x))[:rows]
    x, y, x_test = x[order].astype(np.float64), y[order], x_test[:500].astype(np.float64)
    if task["scaling"]:
        scaler = standard(x)
        x, x_test = scaler.transform(x), scaler.transform(x_test)
    if is_regression(task):
        y = standard(y[:, None]).transform(y[:, None]).ravel()
    if task["optimizer"]["name"] == "adam":
        task["optimizer"]["epsilon"] = 1e-30
    model = estimator(task, 0, shuffle=False, warm_start=True, max_iter=1).fit(x, y)  # allocates the arrays
    draw = np.random.RandomState(1)
    model.coefs_ = [draw.normal(0, w.shape[0] ** -0.5, w.shape) for w in model.coefs_]
    model.intercepts_ = [draw.normal(0, 0.1, b.shape) for b in model.intercepts_]
    start = [dict(kernel=w.ravel().tolist(), bias=b.tolist()) for w, b in zip(model.coefs_, model.intercepts_)]
    model.set_params(max_iter=task["epochs"]).fit(x, y)  # continues from these weights with a new optimiser
    if is_regression(task):
        outputs = model.predict(x_test)
    else:
        outputs = model.predict_proba(x_test)
        outputs = outputs[:, 1] if task["loss"] == "binaryCrossentropy" else outputs
    return dict(start=start, x=x.tolist(), y=y.tolist(), xTest=x_test.tolist(), outputs=outputs.ravel().tolist())


def main():
    with open(os.path.join(HERE, "tasks.json")) as file:
        settings = json.load(file)
    name, more = sys.argv[1], sys.argv[2:]
    task = next(each for each in settings["tasks"] if each["name"] == name)
    if "images" in task:
        folder = more.pop(0)
        folds = [(*read_images(folder, "train"), *read_images(folder, "t10k"))]
    else:
        folds = split_folds(*read_table(task["data"]), settings["folds"], not is_regression(task))
    if more == ["--replica"]:
        return print(json.dumps(replica(task, folds)))
    blas = [each for each in threadpool_info() if each["user_api"] == "blas"]
    versions = dict(
        python=sys.version.split()[0], sklearn=sklearn.__version__, numpy=np.__version__,
        blas=", ".join(f"{each['internal_api']} {each['version']} ({each['num_threads']} thread)" for each in blas),
    )
    print(json.dumps(dict(versions=versions, runs=[run(task, folds, seed) for seed in range(task["seeds"])])))


main()
