"""What scikit-learn's pipeline makes of tables: columns, and how well a network of the same kind predicts. Writes table.json beside this file."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.class_weight import compute_class_weight

HERE = Path(__file__).parent


def date_features(texts):
    """Days since 1970, then sine and cosine of the place in year, week (from Monday) and day."""
    rows = []
    for text in texts:
        time = pd.Timestamp(text)
        start, end = pd.Timestamp(time.year, 1, 1), pd.Timestamp(time.year + 1, 1, 1)
        seconds = (time - time.normalize()).total_seconds()
        turns = [(time - start) / (end - start), (time.weekday() + seconds / 86400) / 7, seconds / 86400]
        days = (time - pd.Timestamp(1970, 1, 1)) / pd.Timedelta(days=1)
        rows.append([days] + [f(2 * math.pi * turn) for turn in turns for f in (np.sin, np.cos)])
    features = np.array(rows)
    mean, scale = features[:, 0].mean(), features[:, 0].std()
    return lambda values: np.column_stack([(values[:, 0] - mean) / scale, values[:, 1:]]), features


def mixed(missing):
    """A column of each kind, with gaps; what the pipeline makes of it, as a sum of its columns with random weights."""
    rng = np.random.default_rng(3)
    n = 60
    number = np.round(rng.normal(50, 20, n), 2)
    other = np.round(rng.exponential(3, n), 3)
    city = rng.choice(["Bern", "Aarau", "Chur", "Davos"], n)
    flag = rng.random(n) < 0.4
    days = [f"20{rng.integers(10, 30)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}T{rng.integers(0, 24):02d}:30" for _ in range(n)]
    frame = pd.DataFrame({"number": number, "other": other, "city": city.astype(object)})
    frame.loc[rng.random(n) < 0.2, "number"] = np.nan
    frame.loc[rng.random(n) < 0.2, "city"] = None
    numeric = make_pipeline(SimpleImputer(strategy=missing), StandardScaler())
    category = make_pipeline(SimpleImputer(strategy="constant", fill_value="unknown", missing_values=None), OneHotEncoder(handle_unknown="ignore", sparse=False))
    train, unseen = frame.iloc[:50], frame.iloc[50:].copy()
    unseen.iloc[0, 2] = "Elm"
    transformer = ColumnTransformer([("numeric", numeric, ["number", "other"]), ("category", category, ["city"])])
    transformer.fit(train)
    scaler = transformer.named_transformers_["numeric"][1]
    scale_dates, _ = date_features(days[:50])
    _, all_features = date_features(days)
    x = np.column_stack([
        transformer.transform(pd.concat([train, unseen])), flag.astype(float), scale_dates(all_features),
    ])
    weights = rng.normal(0, 1, x.shape[1])
    rows = [
        {"number": None if math.isnan(a) else a, "other": str(b), "city": c, "flag": bool(d), "day": e}
        for a, b, c, d, e in zip(pd.concat([train, unseen])["number"], other, pd.concat([train, unseen])["city"], flag, days)
    ]
    return {
        "missing": missing, "rows": rows, "trained": 50, "weights": weights.tolist(), "sums": (x @ weights).tolist(),
        "mean": scaler.mean_.tolist(), "scale": scaler.scale_.tolist(),
        "categories": transformer.named_transformers_["category"][1].categories_[0].tolist(),
    }


def rentals():
    """The pipeline's scores on rentals.csv: the mean of five networks, tested on rows with index % 4 == 0."""
    frame = pd.read_csv(HERE.parent.parent / "examples/data/rentals.csv")
    scale, features = date_features(frame["time"])
    dates = pd.DataFrame(scale(features), columns=[f"time {i}" for i in range(7)])
    frame = pd.concat([frame, dates], axis=1)
    frame["member"] = frame["member"].astype(float)
    test = frame.index % 4 == 0
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    category = make_pipeline(SimpleImputer(strategy="constant", fill_value="unknown"), OneHotEncoder(handle_unknown="ignore"))

    def transformer(numbers):
        return ColumnTransformer([("numeric", numeric, numbers), ("category", category, ["station", "weather"]),
                                  ("rest", "passthrough", ["member", *dates.columns])])

    options = {"hidden_layer_sizes": (32,), "alpha": 0, "batch_size": 32, "max_iter": 40}
    accuracies, errors, scores = [], [], []
    for seed in range(5):
        classifier = make_pipeline(transformer(["temperature", "minutes"]), MLPClassifier(random_state=seed, **options))
        classifier.fit(frame[~test], frame.loc[~test, "returned"])
        accuracies.append(classifier.score(frame[test], frame.loc[test, "returned"]))
        minutes = StandardScaler().fit(frame.loc[~test, ["minutes"]])
        regressor = make_pipeline(transformer(["temperature"]), MLPRegressor(random_state=seed, **options))
        regressor.fit(frame[~test], minutes.transform(frame.loc[~test, ["minutes"]])[:, 0])
        predicted = minutes.inverse_transform(regressor.predict(frame[test]).reshape(-1, 1))
        errors.append(mean_absolute_error(frame.loc[test, "minutes"], predicted))
        scores.append(r2_score(frame.loc[test, "minutes"], predicted))
    return {"epochs": 40, "accuracy": float(np.mean(accuracies)), "mae": float(np.mean(errors)), "r2": float(np.mean(scores))}


def balanced():
    labels = ["a"] * 9 + ["b"] * 3 + ["c"] * 6
    return {"labels": labels, "weights": compute_class_weight("balanced", classes=np.array(["a", "b", "c"]), y=labels).tolist()}


def errors():
    rng = np.random.default_rng(5)
    actual, predicted = rng.normal(3, 2, (40, 2)), rng.normal(3, 2, (40, 2))
    return {"actual": actual.tolist(), "predicted": predicted.tolist(), "mae": float(mean_absolute_error(actual, predicted)), "r2": float(r2_score(actual, predicted))}


if __name__ == "__main__":
    import warnings

    warnings.filterwarnings("ignore")
    vectors = {"mixed": [mixed("mean"), mixed("median")], "rentals": rentals(), "balanced": balanced(), "errors": errors()}
    (HERE / "table.json").write_text(json.dumps(vectors) + "\n")
