# Writes the CSV files beside it from the copies in scikit-learn: /usr/bin/python3 from-sklearn.py (Debian: python3-sklearn).
# A line of names, then a line a row; the last column is the class, in words, or the number to predict.
import os

from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, header, rows):
    lines = [",".join(header)] + [",".join(map(str, row)) for row in rows]
    with open(os.path.join(HERE, name + ".csv"), "w") as file:
        file.write("\n".join(lines) + "\n")


def numbers(values):
    return [str(value).removesuffix(".0") for value in values]  # the shortest that reads back as the same float64


def main():
    for name, load, column in [
        ("iris", load_iris, "species"), ("wine", load_wine, "cultivar"), ("breast-cancer", load_breast_cancer, "diagnosis"),
    ]:
        data = load()
        names = [each.removesuffix(" (cm)") for each in data.feature_names]
        rows = [numbers(x) + [data.target_names[y]] for x, y in zip(data.data, data.target)]
        write(name, names + [column], rows)

    data = load_diabetes(scaled=False)
    write("diabetes", data.feature_names + ["progression"], [numbers([*x, y]) for x, y in zip(data.data, data.target)])

    # Pixels are 0 … 16: one character each, in base 17, makes a row of 64 characters.
    data = load_digits()
    pixels = ["".join("0123456789abcdefg"[int(v)] for v in x) for x in data.data]
    write("digits", ["pixels", "digit"], zip(pixels, data.target))


main()
