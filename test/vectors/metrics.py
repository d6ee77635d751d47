"""Measures of predictions by scikit-learn: random classes and numbers, and the corners where a ratio is 0 / 0.
Writes metrics.json beside this file."""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn import metrics

AVERAGES = ("macro", "micro", "weighted")
SCORES = {"precision": metrics.precision_score, "recall": metrics.recall_score, "f1": metrics.f1_score}


def classes_case(name, actual, predicted, classes=None):
    labels = sorted(set(actual) | set(predicted)) if classes is None else list(range(classes)) if isinstance(classes, int) else classes
    case = {"name": name, "actual": actual, "predicted": predicted}
    if classes is not None:
        case["classes"] = classes
    case["confusionMatrix"] = metrics.confusion_matrix(actual, predicted, labels=labels).tolist()
    case["accuracy"] = float(metrics.accuracy_score(actual, predicted))
    case["balancedAccuracy"] = float(metrics.balanced_accuracy_score(actual, predicted))
    for score, function in SCORES.items():
        call = lambda average, labels=labels, **more: function(actual, predicted, labels=labels, average=average, zero_division=0, **more)
        case[score] = {"none": call(None).tolist()} | {average: float(call(average)) for average in AVERAGES}
        if set(labels) <= {0, 1}:
            case[score]["binary"] = float(call("binary", labels=None, pos_label=1))
    return case


def values_case(name, actual, predicted):
    return {
        "name": name, "actual": actual, "predicted": predicted,
        "r2Score": float(metrics.r2_score(actual, predicted)),
        "meanAbsoluteError": float(metrics.mean_absolute_error(actual, predicted)),
        "meanSquaredError": float(metrics.mean_squared_error(actual, predicted)),
        "rootMeanSquaredError": float(metrics.mean_squared_error(actual, predicted, squared=False)),
    }


def probabilities_case(name, actual, probabilities):
    """`probabilities`: of class 1 alone, or rows with one of each class."""
    p = np.asarray(probabilities, float)
    rows = p if p.ndim == 2 else np.stack([1 - p, p], axis=1)
    classes = list(range(rows.shape[1]))
    case = {"name": name, "actual": actual, "probabilities": p.tolist()}
    case["logLoss"] = float(metrics.log_loss(actual, rows, labels=classes))
    if len(classes) == 2:
        case["brierScore"] = float(metrics.brier_score_loss(actual, rows[:, 1], pos_label=1))
    else:
        # Brier's own definition; scikit-learn has it from 1.7 on.
        case["brierScore"] = float(((rows - np.eye(len(classes))[actual]) ** 2).sum(axis=1).mean())
    if len(set(actual)) == len(classes):
        # Class by class, for rows that do not add up to 1; otherwise the same as multi_class="ovr".
        one_against_rest = [metrics.roc_auc_score(np.equal(actual, c), rows[:, c]) for c in classes]
        case["rocAuc"] = float(np.mean(one_against_rest[1:] if len(classes) == 2 else one_against_rest))
        if np.allclose(rows.sum(axis=1), 1) and len(classes) > 2:
            assert np.isclose(case["rocAuc"], metrics.roc_auc_score(actual, rows, multi_class="ovr"), rtol=1e-14)
    if len(classes) > 2:
        case["topKAccuracy"] = [float(metrics.top_k_accuracy_score(actual, rows, k=k, labels=classes)) for k in range(1, len(classes))]
    # As scikit-learn 1.8 calibrates by temperature: the logarithm of its inverse, by Brent's method within -10 and 10.
    logits = np.log(np.clip(rows, 2**-52, 1 - 2**-52))
    loss = lambda log_beta: -log_softmax(np.exp(log_beta) * logits, axis=1)[np.arange(len(actual)), actual].mean()
    found = minimize_scalar(loss, bounds=(-10, 10), method="bounded", options={"xatol": 64 * np.finfo(float).eps})
    temperature = float(np.exp(-found.x))
    case["temperature"] = temperature
    case["least"] = float(found.fun)
    scaled = np.exp(log_softmax(logits / 2.5, axis=1))
    case["at2.5"] = (scaled if p.ndim == 2 else scaled[:, 1]).tolist()
    return case


def probabilities_cases():
    rng = np.random.default_rng(3)

    def draw(rows, classes, sharpness, blur=None):
        actual = np.concatenate([np.arange(classes), rng.integers(0, classes, rows - classes)])
        logits = rng.normal(0, 1, (rows, classes)) + 1.5 * np.eye(classes)[actual]
        p = np.exp(log_softmax(sharpness * logits, axis=1))
        return actual.tolist(), p if blur is None else p.round(blur)

    for rows, classes, sharpness in ((40, 2, 1), (60, 3, 3), (120, 5, 0.4), (90, 10, 1.5)):
        actual, p = draw(rows, classes, sharpness)
        yield probabilities_case(f"{rows} rows, {classes} classes, logits times {sharpness}", actual, p.tolist())
    actual, p = draw(50, 2, 2)
    yield probabilities_case("one probability a row", actual, p[:, 1].tolist())
    actual, p = draw(60, 2, 1, 1)
    yield probabilities_case("many ties", actual, p[:, 1].tolist())
    actual, p = draw(60, 4, 1, 1)
    p[p.sum(axis=1) == 0] = 0.25
    yield probabilities_case("many ties among four classes, and rows that do not add up to 1", actual, (p / p.sum(axis=1, keepdims=True)).round(2).tolist())
    yield probabilities_case("sure, and once wrong", [0, 1, 1, 0, 1], [0.0, 1.0, 1.0, 1.0, 0.5])
    yield probabilities_case("a class that has no rows", [0, 1, 1, 0], [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.1, 0.8, 0.1], [0.2, 0.5, 0.3]])


def classes_cases():
    rng = np.random.default_rng(1)
    draw = lambda rows, classes: rng.integers(0, classes, rows).tolist()

    def guess(actual, classes, right):
        return np.where(rng.random(len(actual)) < right, actual, rng.integers(0, classes, len(actual))).tolist()

    for rows, classes, right in ((40, 2, 0.7), (60, 3, 0.5), (200, 10, 0.8), (25, 7, 0.1), (500, 26, 0.6)):
        actual = draw(rows, classes)
        yield classes_case(f"{rows} rows, {classes} classes", actual, guess(actual, classes, right))
    actual = (rng.random(300) ** 3 * 5).astype(int).tolist()
    yield classes_case("classes of very different size", actual, guess(actual, 5, 0.6))
    yield classes_case("all right", [0, 1, 2, 2, 1], [0, 1, 2, 2, 1])
    yield classes_case("all wrong", [0, 1, 2, 0], [1, 2, 0, 2])
    yield classes_case("one row", [1], [1])
    yield classes_case("one row, wrong", [1], [0])
    yield classes_case("only zeros", [0, 0, 0], [0, 0, 0])
    yield classes_case("only ones", [1, 1, 1], [1, 1, 1])
    yield classes_case("class 1 never predicted", [0, 1, 1, 0], [0, 0, 0, 0])
    yield classes_case("class 1 never there", [0, 0, 0, 0], [0, 1, 1, 0])
    yield classes_case("a class never predicted", [0, 1, 2, 2, 1], [0, 1, 1, 1, 0])
    yield classes_case("a class never there", [0, 1, 1, 0, 1], [0, 1, 2, 2, 1])
    yield classes_case("gaps and negative classes", [-1, 7, 7, 100, -1, 3], [7, 7, -1, 100, -1, 100])
    yield classes_case("more classes than occur", [0, 2, 2, 0], [0, 2, 0, 0], 5)
    yield classes_case("classes in an order of their own", [0, 2, 1, 0, 2], [0, 2, 0, 1, 2], [2, 0, 1])


def values_cases():
    rng = np.random.default_rng(2)
    for rows, outputs in ((2, 1), (30, 1), (50, 4), (7, 3)):
        actual = rng.normal(0, 2, (rows, outputs)).round(3)
        predicted = (actual + rng.normal(0, 1, (rows, outputs))).round(3)
        yield values_case(f"{rows} rows of {outputs}", actual.tolist(), predicted.tolist())
    yield values_case("plain lists", [3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    yield values_case("outputs of very different size", [[1e6, 1e-3], [2e6, 3e-3], [4e6, -2e-3]], [[1.1e6, 2e-3], [2e6, 1e-3], [3e6, 0]])
    yield values_case("all right", [[1, 2], [3, 4]], [[1, 2], [3, 4]])
    yield values_case("worse than the mean", [1, 2, 3], [3, 2, 1])
    yield values_case("equal targets, right", [2, 2, 2], [2, 2, 2])
    yield values_case("equal targets, wrong", [2, 2, 2], [2, 2, 3])
    yield values_case("equal targets in one output", [[2, 1], [2, 5], [2, 4]], [[2.5, 1], [2, 4], [2, 4]])
    yield values_case("far from zero", (1e8 + rng.random(20).round(3)).tolist(), (1e8 + rng.random(20).round(3)).tolist())


def main():
    write = lambda cases: ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
    text = f'{{"classes":[\n{write(classes_cases())}\n],"values":[\n{write(values_cases())}\n],"probabilities":[\n{write(probabilities_cases())}\n]}}\n'
    Path(__file__).with_name("metrics.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
