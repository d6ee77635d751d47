// A dialog for the user's own table: choose the target, train, and see predictions.
import { DivergenceError } from "../../src/index.js";
import { download } from "../app/files.js";
import { say } from "../app/messages.js";
import { MOST_EPOCHS } from "../limits.js";
import { Pace, type EpochLogs } from "../training.js";
import { button, figure, playButton, segmented, select } from "../ui/controls.js";
import { Curves } from "../ui/curves.js";
import { fill, h, setText } from "../ui/dom.js";
import { integer, loss as formatLoss, percent, plural, short } from "../ui/format.js";
import { every, onFrame } from "../ui/frames.js";
import { Series } from "../ui/series.js";
import { TableError, decodeTable, parseTable, type Table } from "./parse.js";
import { createPredictions, number } from "./predictions.js";
import { makeTask, usualKind, type Kind, type Task } from "./task.js";

const HIDDEN = [[], [8], [16, 16], [64, 64]] as const;
const RATES = [0.001, 0.003, 0.01, 0.03] as const;
const EPOCHS = Math.min(2000, MOST_EPOCHS);
/** Training ends after this many consecutive epochs without an improvement on the validation rows. */
const PATIENCE = 100;

/** Opens a table, or says why it cannot be opened. */
export function openTable(bytes: Uint8Array, fileName: string): void {
  let table: Table;
  try {
    table = parseTable(decodeTable(bytes));
    const dialog = createDialog(table, fileName);
    document.body.append(dialog);
    dialog.showModal();
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    say(`${fileName}: ${error.message}`, "error");
  }
}

function createDialog(table: Table, fileName: string): HTMLDialogElement {
  let target = table.names.at(-1)!;
  let kind: Kind = usualKind(table, target);
  let hidden = 2;
  let rate: number = 0.01;
  let task: Task | undefined;
  let epoch = 0;
  let pace = new Pace();
  let last: EpochLogs | undefined;
  let running: AbortController | undefined;
  /** The last training, which may not have ended yet. */
  let ending: Promise<unknown> = Promise.resolve();
  const history = new Series(2);

  const play = playButton(() => (running ? stop() : void start()), ["Train", "Pause"]);
  const summary = h("p", {});
  const notes = h("ul", { class: "hint" });
  const outcome = h("p", { class: "hint", role: "status" });
  const problem = h("p", { class: "notice", role: "alert" });
  const figures = {
    epoch: figure("Epoch", "0"),
    loss: figure("Loss"),
    validation: figure("Validation"),
    rows: figure("Rows a second"),
    engine: figure("Engine"),
  };
  const curves = new Curves({
    title: "Loss",
    x: "epoch",
    format: formatLoss,
    low: 0,
    height: 170,
    curves: [
      { label: "training", color: "--ink" },
      { label: "validation", color: "--violet", dashed: true },
    ],
  });
  const save = button("Save model", () => download(task!.model.save(), `${fileName.replace(/\.\w+$/, "")}.safetensors`), {
    icon: "save",
  });
  const predictions = createPredictions();
  const kindControl = segmented<Kind>({
    legend: "Predict it as",
    choices: [
      ["classes", "classes"],
      ["number", "a number"],
    ],
    value: kind,
    onChange(value) {
      kind = value;
      prepare();
    },
  });
  const controls = h(
    "div",
    { class: "fields" },
    select({
      label: "Target",
      choices: table.names.map((name) => [name, name]),
      value: target,
      onChange(column) {
        target = column;
        kind = usualKind(table, target);
        kindControl.set(kind);
        prepare();
      },
    }).element,
    select({
      label: "Hidden neurons",
      choices: HIDDEN.map((sizes, i) => [i, sizes.join(" + ") || "none"]),
      value: hidden,
      onChange(value) {
        hidden = value;
        prepare();
      },
    }).element,
    select({
      label: "Learning rate",
      choices: RATES.map((each) => [each, String(each)]),
      value: rate,
      onChange(value) {
        rate = value;
        prepare();
      },
    }).element,
    kindControl.element,
  );
  const dialog = h(
    "dialog",
    {
      class: "table-dialog",
      "aria-labelledby": "table-title",
      onclose: () => {
        stop();
        dialog.remove();
      },
    },
    h(
      "div",
      { class: "card-head" },
      h("h2", { id: "table-title" }, fileName),
      button("Close", () => dialog.close(), { kind: "icon", icon: "close" }),
    ),
    h("div", { class: "table-intro" }, summary, notes),
    controls,
    problem,
    h(
      "div",
      { class: "run", role: "group", "aria-label": "Training on the table" },
      play.element,
      button("Reset", prepare, { icon: "reset" }),
      save,
      h("dl", { class: "figures" }, ...Object.values(figures).map(({ element }) => element)),
    ),
    outcome,
    curves.element,
    h("h3", {}, "Validation rows"),
    predictions.element,
  );

  /** Creates the task and the network for the present choices. */
  function prepare(): void {
    stop();
    problem.textContent = outcome.textContent = "";
    try {
      task = makeTask(table, { target, kind, hidden: HIDDEN[hidden], learningRate: rate });
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      task = undefined;
      problem.textContent = error.message;
    }
    play.element.disabled = save.disabled = !task;
    if (!task) return;
    epoch = 0;
    last = undefined;
    pace = new Pace();
    history.clear();
    const goal = task.kind === "classes" ? `${task.classes.length} classes of “${task.target}”` : `the number “${task.target}”`;
    const rows = plural(task.train.length + task.validation.length, "row");
    const kept = `${plural(task.validation.length, "row")} of them are kept for validation`;
    setText(summary, `${rows}, ${plural(task.inputs.length, "input")}: predicts ${goal}. ${kept}.`);
    fill(notes, ...task.notes.map((note) => h("li", {}, note)));
    predictions.show(task);
    show();
  }

  async function start(): Promise<void> {
    const { model, train, validation } = task!;
    const control = (running = new AbortController());
    const before = epoch;
    outcome.textContent = "";
    play.set(true);
    const isShown = every(200);
    const stopFrames = onFrame((now) => {
      if (isShown(now)) show();
    });
    try {
      await ending;
      if (control.signal.aborted) return;
      const training = model.fitAsync(train, {
        epochs: Math.max(0, EPOCHS - before),
        validationData: validation,
        signal: control.signal,
        earlyStopping: { patience: PATIENCE },
        onEpochEnd(logs) {
          if (control.signal.aborted) return;
          last = logs;
          history.push(++epoch, logs.loss, logs.valLoss);
          pace.add(train.length, logs.samplesPerSecond);
        },
      });
      // Errors are shown below; the next training only waits for the end of this one.
      ending = training.catch(() => undefined);
      const { bestEpoch, loss, valLoss } = await training;
      if (bestEpoch === undefined || running !== control) return;
      last = { ...last!, loss: loss[bestEpoch], valLoss: valLoss![bestEpoch] };
      finish(before + bestEpoch + 1);
    } catch (error) {
      if (control.signal.aborted) return;
      if (!(error instanceof DivergenceError)) throw error;
      problem.textContent = "The loss ran away, so training stopped at the last good epoch. Try a smaller learning rate.";
    } finally {
      stopFrames();
      if (running === control) stop();
    }
  }

  /** Training has ended by early stopping: the network and the figures are those of epoch `best`. */
  function finish(best: number): void {
    const measured = task!.model.evaluate(task!.validation);
    if (measured.accuracy !== undefined) last!.valAccuracy = measured.accuracy;
    const more =
      measured.mae === undefined ? "" : ` They are wrong by ${number(measured.mae)} on average (R² ${measured.r2!.toFixed(2)}).`;
    setText(
      outcome,
      `Training is over: the validation rows were predicted best after epoch ${integer(best)}, ` +
        `with a loss of ${formatLoss(measured.loss)}. The network is back at those weights.${more}`,
    );
  }

  function stop(): void {
    if (!running) return;
    running.abort();
    running = undefined;
    play.set(false);
    show();
  }

  function show(): void {
    figures.epoch.set(integer(epoch));
    figures.loss.set(formatLoss(last?.loss));
    figures.rows.set(pace.rowsPerSecond === undefined ? "–" : short(pace.rowsPerSecond));
    figures.engine.set(task!.model.network.backend);
    curves.update(history.columns);
    figures.validation.set(
      epoch === 0 ? "–" : task!.kind === "classes" ? percent(last?.valAccuracy) : `loss ${formatLoss(last?.valLoss)}`,
    );
    if (epoch > 0) predictions.update(task!);
  }

  prepare();
  return dialog;
}
