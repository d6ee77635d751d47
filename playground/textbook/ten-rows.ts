// The ten-row table: who passed? The textbook's own network learns it, live, and answers for a row of the visitor's.
import csv from "../../examples/data/ten-rows.csv?raw";
import { NN } from "../../src/index.js";
import type { App } from "../app/room.js";
import { Pace, trainSlice } from "../training.js";
import { button, card, figure, playButton, select, slider } from "../ui/controls.js";
import { Curves } from "../ui/curves.js";
import { h, setText } from "../ui/dom.js";
import { integer, loss as formatLoss, percent } from "../ui/format.js";
import { every, onFrame } from "../ui/frames.js";
import { Series } from "../ui/series.js";

const [NAMES, ...ROWS] = csv
  .trim()
  .split("\n")
  .map((line) => line.split(",")) as [string[], ...string[][]];
const INPUTS = NAMES.slice(0, -1);
const X = Float32Array.from(ROWS.flatMap((row) => row.slice(0, -1).map(Number)));
const Y = Float32Array.from(ROWS, (row) => Number(row.at(-1)));
const EPOCHS = 1000;
const EPOCHS_A_FRAME = 5;
const LOSSES = { halfSquaredError: "half squared error", binaryCrossentropy: "binary cross-entropy" } as const;

const createNetwork = (loss: keyof typeof LOSSES, seed: number): NN => new NN(INPUTS.length, 10, 1, 0.1, EPOCHS, { loss, seed });

export interface TenRows {
  readonly element: HTMLElement;
  enter(): void;
  leave(): void;
  model(): NN;
  load(model: NN): void;
}

export function createTenRows(app: App): TenRows {
  let loss: keyof typeof LOSSES = "halfSquaredError";
  let seed = 1;
  let nn = createNetwork(loss, seed);
  let epoch = 0;
  let lastLoss: number | undefined;
  let stop: (() => void) | undefined;
  const pace = new Pace();
  const visitor = Float32Array.of(0.6, 0.5, 1, 0, 0.6);
  const history = new Series(1);

  const play = playButton(() => (stop ? pause() : start()), ["Train", "Pause"]);
  const epochs = figure("Epoch", "0");
  const lossFigure = figure("Loss");
  const right = figure("Right side of 0.5");
  const curves = new Curves({
    title: "Loss",
    x: "epoch",
    format: formatLoss,
    low: 0,
    height: 150,
    curves: [{ label: "loss", color: "--ink" }],
  });
  const cells = ROWS.map((row) => {
    const value = h("span", { class: "value" }, "–");
    const bar = h("span", { class: "bar", "aria-hidden": "true" });
    const cell = h("td", { class: "prediction" }, bar, value);
    const target = row.at(-1) === "1" ? h("td", { class: "target yes" }, "passed") : h("td", { class: "target no" }, "failed");
    return { value, cell, element: h("tr", {}, ...row.slice(0, -1).map((each) => h("td", {}, each)), target, cell) };
  });
  const verdict = h("p", { class: "verdict-line", role: "status" });
  const sliders = INPUTS.map(
    (name, i) =>
      slider({
        label: capital(name),
        min: 0,
        max: 1,
        step: 0.1,
        value: visitor[i],
        format: (value) => value.toFixed(1),
        onInput(value) {
          visitor[i] = value;
          judge();
        },
      }).element,
  );

  const element = card(
    "Ten rows: who passed?",
    { class: "ten-rows" },
    h(
      "p",
      { class: "hint" },
      "Ten students, five numbers each, and whether they passed: the textbook’s network of 5 inputs, 10 hidden units " +
        "and 1 output, ",
      h("code", {}, "new NN(5, 10, 1, 0.1, 1000)"),
      ".",
    ),
    h(
      "div",
      { class: "run", role: "group", "aria-label": "Training on the ten rows" },
      play.element,
      button("Reset", reset, { icon: "reset" }),
      button(
        "New weights",
        () => {
          seed++;
          reset();
        },
        { icon: "dice" },
      ),
      select({
        label: "Loss",
        choices: Object.entries(LOSSES) as [keyof typeof LOSSES, string][],
        value: loss,
        onChange(value) {
          loss = value;
          reset();
        },
      }).element,
      h("dl", { class: "figures" }, epochs.element, lossFigure.element, right.element),
    ),
    h(
      "div",
      { class: "ten-grid" },
      h(
        "div",
        { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "The ten rows" },
        h(
          "table",
          { class: "rows" },
          h(
            "thead",
            {},
            h("tr", {}, ...NAMES.map((name) => h("th", { scope: "col" }, name)), h("th", { scope: "col" }, "network says")),
          ),
          h("tbody", {}, ...cells.map(({ element }) => element)),
        ),
      ),
      h(
        "div",
        { class: "ten-side" },
        curves.element,
        h("div", { class: "you" }, h("h3", {}, "And you?"), h("div", { class: "fields two" }, ...sliders), verdict),
      ),
    ),
  );

  function start(): void {
    if (epoch >= EPOCHS) reset();
    play.set(true);
    const isShown = every(200);
    stop = onFrame((now) => {
      const before = epoch;
      const rate = trainSlice(nn, {
        x: X,
        y: Y,
        batchSize: ROWS.length,
        shuffle: false,
        epochs: Math.min(EPOCHS_A_FRAME, EPOCHS - epoch),
        onEpoch(logs) {
          epoch++;
          lastLoss = logs.loss;
          history.push(epoch, logs.loss);
        },
      });
      pace.add((epoch - before) * ROWS.length, rate);
      show();
      if (isShown(now)) showCurves();
      if (epoch >= EPOCHS) pause();
    });
  }

  function pause(): void {
    if (!stop) return;
    stop();
    stop = undefined;
    play.set(false);
    show();
    showCurves();
  }

  function reset(): void {
    pause();
    nn = createNetwork(loss, seed);
    epoch = 0;
    lastLoss = undefined;
    history.clear();
    show();
    showCurves();
  }

  function show(): void {
    const predictions = nn.predict(X);
    let correct = 0;
    cells.forEach(({ value, cell }, i) => {
      const p = predictions[i];
      const agrees = p > 0.5 === Y[i] > 0.5;
      correct += Number(agrees);
      setText(value, p.toFixed(3));
      cell.style.setProperty("--part", String(p));
      cell.classList.toggle("wrong", !agrees);
    });
    epochs.set(integer(epoch));
    lossFigure.set(formatLoss(lastLoss));
    right.set(`${correct} of ${ROWS.length}`);
    judge();
  }

  function showCurves(): void {
    curves.update(history.columns);
    app.report({ engine: nn.backend, rowsPerSecond: pace.rowsPerSecond });
  }

  function judge(): void {
    const p = nn.predict(visitor)[0];
    setText(
      verdict,
      epoch === 0 ? "Train the network, then ask it about yourself." : `The network gives you ${percent(p, 0)} to pass.`,
    );
  }

  show();
  return {
    element,
    enter: showCurves,
    leave: pause,
    model: () => nn,
    load(model) {
      reset();
      nn = model;
      // A network that was trained elsewhere has an answer.
      epoch = EPOCHS;
      show();
      showCurves();
    },
  };
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);
