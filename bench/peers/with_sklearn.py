# scikit-learn's MLPClassifier: float32 rows, sgd without momentum, l2 or shuffling, warm_start so that fit continues.
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

warnings.filterwarnings("ignore")  # about convergence


class Network:
    def __init__(self, task, x, labels):
        self.binary = task["classes"] == 0
        self.x, self.labels = x.copy(), labels
        self.rows = [self.x[i : i + 1] for i in range(len(x))]
        self.model = MLPClassifier(
            task["sizes"][1:-1], activation="logistic", solver="sgd", alpha=0, batch_size=min(task["batch"], len(x)),
            learning_rate_init=task["learningRate"] or 0.001, max_iter=1, shuffle=False, momentum=0, nesterovs_momentum=False,
            tol=0, n_iter_no_change=10**9, warm_start=True, random_state=0,
        )
        # Weights exist only after a fit. A tiny learning rate leaves them as initialised.
        rate, self.model.learning_rate_init = self.model.learning_rate_init, 1e-30
        self.model.fit(self.x, self.labels)
        self.model.learning_rate_init = rate

    def train(self, epochs):
        self.model.max_iter = epochs
        self.model.fit(self.x, self.labels)

    def outputs(self):
        chances = self.model.predict_proba(self.x)
        return chances[:, 1:] if self.binary else chances

    def predict_each(self):
        for row in self.rows:
            self.model.predict_proba(row)

    def predict_all(self):
        return self.model.predict_proba(self.x)


class open:
    def __init__(self, task, options):
        self.task = task
        self.version = sklearn.__version__
        self.settings = "float32, MLPClassifier.fit with warm_start, sgd, no momentum, no l2, no shuffling" + (
            "" if task["classes"] else "; log loss, because its squared error requires a linear output"
        )

    def network(self, x, targets, labels):
        if not self.task["classes"]:
            labels = targets[:, 0].astype(np.int64)
        elif not self.task["trains"]:
            labels = np.arange(len(x)) % self.task["classes"]  # a few rows may lack a class, and the network an output
        return Network(self.task, x, labels)
