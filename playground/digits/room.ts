// The Digits room: a network learns handwritten digits in the browser, and classifies the user's drawings.
import { DivergenceError, type NN } from "../../src/index.js";
import type { App, Room } from "../app/room.js";
import { MOST_EPOCHS } from "../limits.js";
import { trainBeside } from "../training.js";
import { button, card, figure, playButton, select } from "../ui/controls.js";
import { Curves } from "../ui/curves.js";
import { h, setText } from "../ui/dom.js";
import { integer, loss as formatLoss, percent } from "../ui/format.js";
import { Series } from "../ui/series.js";
import { loadTest, loadTrain, type Images } from "./data.js";
import { PIXELS, TEST_ROWS } from "./files.js";
import { Pad } from "./pad.js";
import { picture, repaint } from "./picture.js";
import { createReport } from "./report.js";
import { BATCHES, DROPOUTS, HIDDEN, IMAGES, RATES, createNetwork, format, parse, type DigitsSettings } from "./settings.js";
import { createVerdict } from "./verdict.js";

/** Practically unlimited: training runs until it is stopped. */
const EPOCHS = Math.min(1000, MOST_EPOCHS);
const MEGABYTES: Record<DigitsSettings["images"], string> = { 10_000: "1.6 MB", 20_000: "3.2 MB", 60_000: "9.6 MB" };
const HIDDEN_NAMES: Record<DigitsSettings["hidden"], string> = { none: "none", 32: "32", 128: "128", "256,128": "256 + 128" };

export function create(app: App): Room {
  let settings = parse(new URLSearchParams());
  let nn = createNetwork(settings);
  let train: Images | undefined;
  let test: Images | undefined;
  let running: AbortController | undefined;
  /** The last training, which may not have ended yet. */
  let ending: Promise<void> = Promise.resolve();
  /** The network that is being evaluated, if any. */
  let testing: NN | undefined;
  /** The training accuracy of the last epoch; undefined for a loaded network. */
  let trainAccuracy: number | undefined;
  let epoch = 0;
  let knows = false;
  let drawn: Float32Array<ArrayBuffer> | undefined;
  const history = new Series(2);

  const pad = new Pad((image, finished) => {
    drawn = image;
    judge(finished);
  });
  const verdict = createVerdict();
  const seen = picture(undefined);
  const answer = h("p", { class: "answer", role: "status" });
  const report = createReport((image) => {
    pad.show(image);
    pad.element.scrollIntoView({ block: "nearest" });
  });
  const play = playButton(() => (running ? pause() : void start()), ["Train", "Pause"]);
  const epochs = figure("Epoch", "0");
  const accuracy = figure("Test accuracy");
  const loss = figure("Loss");
  const notice = h("p", { class: "notice", role: "alert" });
  const progress = h("p", { class: "hint", role: "status" });
  const curves = new Curves({
    title: "Images read rightly",
    x: "epoch",
    format: (value) => percent(value),
    tick: (value) => percent(value, 0),
    height: 190,
    high: 1,
    curves: [
      { label: "training", color: "--ink" },
      { label: "test", color: "--violet", dashed: true },
    ],
  });
  const choice = <K extends keyof DigitsSettings>(
    key: K,
    label: string,
    values: readonly DigitsSettings[K][],
    name: (value: DigitsSettings[K]) => string,
  ) =>
    select({
      label,
      choices: values.map((each) => [each, name(each)]),
      value: settings[key],
      onChange: (value) => change({ [key]: value }),
    });
  const choices = {
    hidden: choice("hidden", "Hidden neurons", HIDDEN, (each) => HIDDEN_NAMES[each]),
    images: choice("images", "Training images", IMAGES, (each) => `${integer(each)} (${MEGABYTES[each]})`),
    rate: choice("rate", "Learning rate", RATES, String),
    batch: choice("batch", "Batch size", BATCHES, String),
    dropout: choice("dropout", "Dropout", DROPOUTS, (each) => percent(each, 0)),
  };

  const element = h(
    "div",
    { class: "room digits" },
    h(
      "div",
      { class: "intro" },
      h("h1", {}, "Teach it to read your handwriting"),
      h(
        "p",
        {},
        "The network sees 784 grey pixels and says which digit they are. Train it here, in your browser, for a second or two; then draw.",
      ),
    ),
    h(
      "div",
      { class: "run", role: "group", "aria-label": "Training run" },
      play.element,
      button("Reset", reset, { icon: "reset", title: "Back to the first weights" }),
      h("dl", { class: "figures" }, epochs.element, accuracy.element, loss.element),
    ),
    notice,
    progress,
    h(
      "div",
      { class: "digits-grid" },
      card(
        "Draw a digit",
        { class: "draw-card" },
        h(
          "div",
          { class: "draw" },
          h(
            "div",
            { class: "draw-left" },
            pad.element,
            h(
              "div",
              { class: "row draw-actions" },
              button("Clear", () => pad.clear(), { icon: "close" }),
              button("A test image", showRandom, { icon: "dice", title: "Show one of the images that are kept for testing" }),
            ),
            h("p", { class: "hint", id: "pad-help" }, "Mouse, finger or pen; or arrow keys, with space for pen down and up."),
          ),
          h(
            "div",
            { class: "draw-right" },
            h(
              "div",
              { class: "seen" },
              h("figure", {}, seen, h("figcaption", { class: "hint" }, "what the network sees")),
              answer,
            ),
            verdict.element,
          ),
        ),
      ),
      card(
        "How well it reads",
        { class: "progress-card" },
        curves.element,
        h("div", { class: "fields" }, ...Object.values(choices).map(({ element }) => element)),
      ),
      card("What it takes for what", { class: "confusion-card" }, report.matrix),
      card(
        "Its worst mistakes",
        { class: "mistakes-card" },
        h("p", { class: "hint" }, "Test images that it is surest about and wrong. Pick one to look at it."),
        report.mistakes,
      ),
    ),
  );

  /** Shows the network's prediction for the drawing. */
  function judge(finished: boolean): void {
    repaint(seen, drawn);
    if (!drawn) {
      verdict.show(undefined);
      setText(answer, "");
      return;
    }
    const probabilities = nn.predict(drawn);
    verdict.show(probabilities);
    const best = probabilities.indexOf(Math.max(...probabilities));
    if (!knows) setText(answer, "It has not been trained yet: this is a guess.");
    else if (finished) setText(answer, `${probabilities[best] > 0.5 ? "This is a" : "Perhaps a"} ${best}.`);
  }

  async function start(): Promise<void> {
    const control = (running = new AbortController());
    notice.textContent = "";
    play.set(true);
    try {
      await Promise.all([loadData(), ending]);
      if (control.signal.aborted) return;
      const training = learn(control.signal);
      // Errors are shown below; the next training only waits for the end of this one.
      ending = training.catch(() => {});
      await training;
    } catch (error) {
      if (!(error instanceof DivergenceError)) fail(error);
      else notice.textContent = "The loss ran away, so training stopped at the last good epoch. Try a smaller learning rate.";
    } finally {
      if (running === control) pause();
    }
  }

  const learn = (signal: AbortSignal): Promise<void> =>
    trainBeside(nn, train!.x, train!.y, {
      epochs: EPOCHS,
      batchSize: settings.batch,
      signal,
      onEpochEnd(logs) {
        if (signal.aborted) return;
        epoch++;
        knows = true;
        epochs.set(integer(epoch));
        loss.set(formatLoss(logs.loss));
        app.report({ engine: nn.backend, threads: nn.threads, rowsPerSecond: logs.samplesPerSecond });
        judge(false);
        trainAccuracy = logs.accuracy;
        examine().catch(fail);
      },
    });

  function pause(): void {
    running?.abort();
    running = undefined;
    play.set(false);
    setText(progress, "");
    judge(true);
  }

  function fail(error: unknown): void {
    notice.textContent = `${error instanceof Error ? error.message : String(error)}.`;
  }

  async function loadData(): Promise<void> {
    const { images } = settings;
    if (train?.count === images && test) return;
    setText(progress, `Fetching ${integer(images)} images (${MEGABYTES[images]}) …`);
    try {
      [train, test] = await Promise.all([loadTrain(images), loadTest()]);
    } finally {
      setText(progress, "");
    }
  }

  /** Evaluates the network on the test images, and shows the results. */
  async function examine(): Promise<void> {
    // If an evaluation takes longer than an epoch, it is completed before the next one starts.
    if (testing === nn) return;
    const network = (testing = nn);
    const at = epoch;
    const probabilities = await network.predictAsync(test!.x).finally(() => {
      if (testing === network) testing = undefined;
    });
    if (nn !== network) return;
    report.show(probabilities, test!);
    let right = 0;
    for (let row = 0; row < TEST_ROWS; row++) {
      const of = probabilities.subarray(10 * row, 10 * row + 10);
      if (of[test!.y[row]] === Math.max(...of)) right++;
    }
    history.push(at, trainAccuracy, right / TEST_ROWS);
    accuracy.set(percent(right / TEST_ROWS));
    curves.update(history.columns);
    if (epoch !== at) await examine();
  }

  function reset(): void {
    pause();
    testing = trainAccuracy = undefined;
    nn = createNetwork(settings);
    epoch = 0;
    knows = false;
    history.clear();
    curves.update(history.columns);
    report.clear();
    notice.textContent = "";
    epochs.set("0");
    accuracy.set("–");
    loss.set("–");
    judge(true);
    app.report({ engine: nn.backend });
  }

  function change(changes: Partial<DigitsSettings>): void {
    settings = { ...settings, ...changes };
    show();
    app.remember(format(settings));
    // With more images the same network continues training; every other change creates a new one.
    if ("images" in changes) pause();
    else if ("batch" in changes) pause();
    else reset();
  }

  function show(): void {
    choices.hidden.set(settings.hidden);
    choices.images.set(settings.images);
    choices.rate.set(settings.rate);
    choices.batch.set(settings.batch);
    choices.dropout.set(settings.dropout);
  }

  function showRandom(): void {
    const row = Math.floor(Math.random() * TEST_ROWS);
    loadTest()
      .then(({ x }) => pad.show(x.slice(row * PIXELS, (row + 1) * PIXELS)))
      .catch(fail);
  }

  verdict.show(undefined);
  return {
    element,
    enter(query) {
      const next = parse(query);
      if (format(next).toString() !== format(settings).toString() && query.size > 0) {
        settings = next;
        show();
        reset();
      }
      app.remember(format(settings));
      app.report({ engine: nn.backend });
      // Fetched in advance, so that training starts at once.
      loadData().catch(fail);
    },
    leave: pause,
    model: () => nn,
    refuses(model) {
      const { inputs } = model.layers[0];
      const { units, activation } = model.layers.at(-1)!;
      if (inputs === PIXELS && units === 10 && activation === "softmax") return undefined;
      return `it takes ${inputs} inputs and has ${units} outputs, not 784 and 10 with softmax`;
    },
    load(model) {
      reset();
      nn = model;
      knows = true;
      app.report({ engine: nn.backend });
      judge(true);
      loadData().then(examine).catch(fail);
    },
  };
}
