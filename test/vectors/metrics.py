"""Measures of predictions by scikit-learn: random classes and numbers, and the corners where a ratio is 0 / 0.
Writes metrics.json beside this file."""

import json
from pathlib import Path

import numpy as np
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
    text = f'{{"classes":[\n{write(classes_cases())}\n],"values":[\n{write(values_cases())}\n]}}\n'
    Path(__file__).with_name("metrics.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
