// The Shapes room: a small network learns to separate two colours on a plane, and shows all of its weights and neurons.
import { DivergenceError, type LayerWeights, type NN } from "../../src/index.js";
import type { App, Room } from "../app/room.js";
import { MOST_EPOCHS } from "../limits.js";
import { Pace, trainSlice, type EpochLogs } from "../training.js";
import { button, card, figure, playButton, select } from "../ui/controls.js";
import { Curves } from "../ui/curves.js";
import { h, setText } from "../ui/dom.js";
import { integer, loss as formatLoss, percent, signed } from "../ui/format.js";
import { every, frameBudget, onFrame, reducedMotion } from "../ui/frames.js";
import { Series } from "../ui/series.js";
import { makePoints } from "./datasets.js";
import { Diagram, THUMB_GRID, describeNeuron, layerButtons, type Neuron } from "./diagram.js";
import { createNetwork, gridOver, outputView, toRows, type Rows } from "./network.js";
import { NeuronMaps, stretch } from "./neurons.js";
import { createPanel } from "./panel.js";
import { CELLS, Plane } from "./plane.js";
import { MOST_ADDED, RANGE, snap, type Point } from "./points.js";
import { readModel } from "./saved.js";
import { format, isRegression, parse, suits, usualLoss, type ShapesState } from "./state.js";

const GRID = gridOver(RANGE, CELLS);
/** Settings that need new initial weights, because the old ones have another meaning. */
const ANEW = new Set<keyof ShapesState>(["data", "hidden", "activation", "seed"]);
const EPOCHS_A_FRAME: Record<ShapesState["speed"], number> = { slow: 1, 1: 1, 5: 5, max: 10_000 };
/** If less than this is left of a frame, frames are late. */
const TIGHT_MS = 2;
/** Between two epochs at the slow speed. */
const SLOW_MS = 150;

export function create(app: App): Room {
  let state = parse(new URLSearchParams());
  let nn: NN;
  let maps: NeuronMaps;
  let previewMaps: NeuronMaps | undefined;
  let train: Point[] = [];
  let validation: Point[] = [];
  let rows: Rows;
  let validationRows: Rows;
  let weights: LayerWeights[] = [];
  let epoch = 0;
  let last: EpochLogs | undefined;
  let looked: Neuron | undefined;
  let probe: { x: number; y: number } | undefined;
  let brush = 1;
  let stop: (() => void) | undefined;
  let rememberTimer: ReturnType<typeof setTimeout> | undefined;
  let pace = new Pace();
  const history = new Series(2);

  const plane = new Plane({
    add: addPoint,
    probe(place) {
      probe = place;
      describePlace();
    },
  });
  const says = h("p", { class: "says", id: "plane-says" });
  const diagram = new Diagram({
    resize: (hidden) => change({ hidden }),
    look(neuron) {
      looked = neuron;
      draw();
    },
  });
  const layers = layerButtons(
    () => state.hidden,
    (hidden) => change({ hidden }),
  );
  const curves = new Curves({
    title: "Loss on the training and the validation points",
    x: "epoch",
    format: formatLoss,
    low: 0,
    height: 150,
    curves: [
      { label: "training", color: "--ink" },
      { label: "validation", color: "--violet", dashed: true },
    ],
  });
  const panel = createPanel(state, {
    change,
    brush(target) {
      brush = target;
    },
    undoPoint: () => change({ added: state.added.slice(0, -1) }),
    clearPoints: () => change({ added: [] }),
  });
  const play = playButton(() => (stop ? pause() : start()));
  const speed = select({
    label: "Speed",
    choices: [
      ["slow", "slow"],
      ["1", "1 epoch a frame"],
      ["5", "5 epochs a frame"],
      ["max", "as fast as it goes"],
    ],
    value: state.speed,
    onChange: (value) => change({ speed: value }),
  });
  const epochs = figure("Epoch", "0");
  const trainLoss = figure("Loss");
  const accuracy = figure("Validation accuracy");
  const notice = h("p", { class: "notice", role: "alert" });

  const element = h(
    "div",
    { class: "room shapes" },
    h(
      "div",
      { class: "intro" },
      h("h1", {}, "Watch a network bend a plane"),
      h(
        "p",
        {},
        "A few neurons look at two numbers, x and y, and learn to tell orange points from blue ones. Press play; then change anything.",
      ),
    ),
    h(
      "div",
      { class: "run", role: "group", "aria-label": "Training run" },
      play.element,
      button(
        "Step",
        () => {
          pause();
          advance(1);
          draw();
        },
        { icon: "step", title: "Train one epoch" },
      ),
      button(
        "Reset",
        () => {
          pause();
          reset();
        },
        { icon: "reset", title: "Back to the first weights" },
      ),
      button("New weights", () => change({ seed: (state.seed + 1) % 1_000_000 }), {
        icon: "dice",
        title: "Other first weights, other points",
      }),
      speed.element,
      h("dl", { class: "figures" }, epochs.element, trainLoss.element, accuracy.element),
      button("Copy link", copyLink, { icon: "link", title: "A link that leads back to these settings and points" }),
    ),
    notice,
    h(
      "div",
      { class: "shapes-grid" },
      card(
        "What it says",
        { class: "plane-card" },
        plane.element,
        h("div", { class: "heat-key", "aria-hidden": "true" }, h("span", {}, "blue"), h("i", {}), h("span", {}, "orange")),
        says,
        panel.brush,
      ),
      h(
        "div",
        { class: "middle" },
        card(
          "The network",
          { class: "network-card", aside: layers.element },
          diagram.element,
          h(
            "p",
            { class: "hint" },
            "Each tile is what a neuron sees; point at one to see it large. " +
              "Lines are weights: thick is strong, orange positive, blue negative.",
          ),
        ),
        card("How wrong it is", { class: "curves-card" }, curves.element),
      ),
      h("div", { class: "settings" }, panel.data, panel.training),
    ),
  );

  /** Points for the present settings; the ones added by hand are trained on. */
  function makeRows(): void {
    const made = makePoints(state);
    train = [...made.train, ...state.added];
    validation = made.validation;
    rows = toRows(train);
    validationRows = toRows(validation);
    plane.showPoints(train, validation, isRegression(state));
  }

  /** Creates the network with initial weights. */
  function reset(): void {
    replaceNetwork(createNetwork(state));
    notice.textContent = "";
    epoch = 0;
    last = undefined;
    history.clear();
    draw();
    showFigures();
  }

  /** Replaces the network and shows its shape. */
  function replaceNetwork(network: NN): void {
    nn = network;
    maps = new NeuronMaps(nn, THUMB_GRID);
    previewMaps = undefined;
    looked = undefined;
    diagram.build(state.hidden, nn.layers.at(-1)!.units);
    layers.refresh();
    pace = new Pace();
    app.report({ engine: nn.backend });
  }

  function change(changes: Partial<ShapesState>): void {
    const before = state;
    state = { ...state, ...changes };
    if (!suits(state.loss, state.data) || (changes.data && isRegression(before) !== isRegression(state)))
      state.loss = usualLoss(state.data);
    if (changes.data && isRegression(before) !== isRegression(state)) state.added = [];
    const keys = Object.keys(changes) as (keyof ShapesState)[];
    if (keys.some((key) => key === "data" || key === "points" || key === "noise" || key === "seed" || key === "added"))
      makeRows();
    if (keys.some((key) => ANEW.has(key))) reset();
    else if (keys.some((key) => key !== "points" && key !== "noise" && key !== "added" && key !== "speed")) retune();
    panel.show(state);
    speed.set(state.speed);
    remember();
    draw();
  }

  /** Training continues with other settings; the weights are kept where they fit. */
  function retune(): void {
    const old = nn.getWeights();
    const next = createNetwork(state);
    if (next.parameterCount !== nn.parameterCount) {
      reset();
      return;
    }
    next.setWeights(old);
    replaceNetwork(next);
  }

  function addPoint(x: number, y: number): void {
    if (state.added.length >= MOST_ADDED) {
      app.say(`${MOST_ADDED} points are as many as fit into a link. Clear some first.`);
      return;
    }
    change({ added: [...state.added, snap({ x, y, target: brush })] });
  }

  function start(): void {
    if (train.length === 0) {
      app.say("There is nothing to learn yet: click on the plane to add points of both colours.");
      return;
    }
    notice.textContent = "";
    play.set(true);
    const isTime = every(SLOW_MS);
    const isShown = every(250);
    const isDrawn = every(reducedMotion() ? 500 : 0);
    // A machine that cannot draw in every frame must stay responsive.
    const isDrawnSeldom = every(reducedMotion() ? 500 : 70);
    stop = onFrame((now) => {
      if (state.speed !== "slow" || isTime(now)) advance(Math.min(EPOCHS_A_FRAME[state.speed], MOST_EPOCHS - epoch));
      if (frameBudget() > TIGHT_MS ? isDrawn(now) : isDrawnSeldom(now)) draw();
      if (isShown(now)) showFigures();
      if (epoch >= MOST_EPOCHS) finish();
    });
  }

  function pause(): void {
    if (!stop) return;
    stop();
    stop = undefined;
    play.set(false);
    showFigures();
  }

  /** The last epoch may have come between two drawings. */
  function finish(): void {
    pause();
    draw();
  }

  /** Trains some epochs, as many of them as a frame allows. */
  function advance(most: number): void {
    if (train.length === 0 || most < 1) return;
    const before = epoch;
    try {
      const rate = trainSlice(nn, {
        ...rows,
        batchSize: state.batch,
        epochs: most,
        validation: validation.length ? [validationRows.x, validationRows.y] : undefined,
        onEpoch(logs) {
          last = logs;
          epoch++;
          history.push(epoch, logs.loss, logs.valLoss);
        },
      });
      pace.add((epoch - before) * train.length, rate);
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      pause();
      notice.textContent = `The loss ran away, so training stopped at the last good epoch. Try a smaller learning rate than ${state.rate}.`;
    }
    if (!stop) showFigures();
  }

  function draw(): void {
    weights = nn.getWeights();
    diagram.show(nn, maps.outputs(nn), weights);
    if (looked && looked.layer < state.hidden.length) {
      previewMaps ??= new NeuronMaps(nn, GRID);
      const { units, activation } = nn.layers[looked.layer];
      const values = previewMaps.outputs(nn)[looked.layer];
      plane.show(values, stretch(values, looked.unit, units, activation));
    } else plane.show(nn.predict(GRID), outputView(nn, isRegression(state)));
    describePlace();
  }

  function describePlace(): void {
    if (looked && looked.layer < state.hidden.length) {
      setText(says, `Neuron ${looked.unit + 1} of layer ${looked.layer + 1}: ${describeNeuron(looked, weights)}.`);
    } else if (probe) {
      const output = nn.predict(Float32Array.of(probe.x, probe.y)).at(-1)!;
      const what = isRegression(state) ? signed(output, 2) : `${percent(Math.min(Math.max(output, 0), 1), 0)} orange`;
      setText(says, `At (${signed(probe.x, 1)}, ${signed(probe.y, 1)}): ${what}.`);
    } else {
      setText(
        says,
        isRegression(state)
          ? "Colour is height: blue is −1, orange is 1. Rings are kept for validation."
          : "The background is the network’s answer; the line is where it is undecided. Rings are kept for validation.",
      );
    }
  }

  function showFigures(): void {
    epochs.set(integer(epoch));
    trainLoss.set(formatLoss(last?.loss));
    accuracy.element.hidden = !state.loss.endsWith("Crossentropy");
    accuracy.set(percent(last?.valAccuracy));
    curves.update(history.columns);
    app.report({ engine: nn.backend, rowsPerSecond: pace.rowsPerSecond });
  }

  function remember(): void {
    // Browsers limit how often an address may change.
    clearTimeout(rememberTimer);
    rememberTimer = setTimeout(() => app.remember(format(state)), 200);
  }

  function copyLink(): void {
    app.remember(format(state));
    navigator.clipboard?.writeText(location.href).then(
      () => app.say("The link is copied: it leads back to these settings and points."),
      () => app.say("The browser does not let the page copy; the link is in the address bar."),
    );
    if (!navigator.clipboard) app.say("The link is in the address bar.");
  }

  makeRows();
  reset();
  panel.show(state);
  return {
    element,
    enter(query) {
      const next = parse(query);
      if (format(next).toString() !== format(state).toString()) {
        pause();
        state = next;
        makeRows();
        reset();
        panel.show(state);
        speed.set(state.speed);
      }
      // The header's links lead here without a query.
      app.remember(format(state));
    },
    leave: pause,
    model: () => nn,
    refuses: (model) => readModel(model.toJSON(), state).refusal,
    load(model) {
      pause();
      const { changes } = readModel(model.toJSON(), state);
      state = { ...state, ...changes };
      makeRows();
      reset();
      replaceNetwork(model);
      draw();
      panel.show(state);
      remember();
    },
  };
}
