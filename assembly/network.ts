// The network on one tile of rows: forward, backward, and weight gradients, over the layer table in linear memory.
import { Address, Activation, Field, Header, Limit, Optimizer, Pass } from "./abi";
import { activate, activateAndDerive, derivesFromInput, multiplyBlocks, multiplyByDerivative } from "./activation";
import { share } from "./barrier";
import { inputGradient } from "./gemm/input-gradient";
import { multiply } from "./gemm/multiply";
import { tileRows } from "./gemm/tile";
import { lanes } from "./lanes";
import { fromLogits } from "./loss";
import { update } from "./optimizer";
import { dropout } from "./random";
import { softmaxRow } from "./softmax";

/** Threads share a kernel's rows in multiples of this: whole tiles of either height, 4 or 6. */
const SHARED_ROWS = 12;

@inline
export function layerRecord(index: i32): usize {
  return <usize>(Address.Layers + index * Field.Bytes);
}

@inline
export function lastLayer(): usize {
  return layerRecord(load<i32>(Header.LayerCount) - 1);
}

/**
 * All layers forward over `rows` rows at x (dense rows of inputs): the tile's rows from row `at` on. The tile's first row is row
 * `firstRow` of its batch. From Pass.Evaluate on, the last layer's z is left as it is for losses computed from logits; from
 * Pass.Gradients on, derivatives that outputs do not determine are stored; Pass.Train applies dropout.
 */
export function forward<T>(x: usize, at: i32, rows: i32, pass: Pass, firstRow: u32): void {
  const count = load<i32>(Header.LayerCount);
  let inputRow = load<usize>(layerRecord(0), Field.Inputs) * sizeof<T>();
  for (let l = 0; l < count; ++l) {
    const layer = layerRecord(l);
    const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
    const skipped = <usize>at * stride;
    const output = load<usize>(layer, Field.Output) + skipped;
    const activation = load<Activation>(layer, Field.Activation);
    const bytes = <usize>rows * stride;
    multiply<T>(
      rows, load<i32>(layer, Field.Vectors),
      x, inputRow, sizeof<T>(),
      load<usize>(layer, Field.Kernel), stride, load<i32>(layer, Field.Inputs),
      load<usize>(layer, Field.Bias), 0,
      output, stride, 0,
    );
    x = output;
    inputRow = stride;
    if (pass > Pass.Predict && l == count - 1 && fromLogits()) return;
    if (activation == Activation.Softmax) {
      const mask = load<usize>(layer, Field.TailMask);
      const rowBytes = load<usize>(layer, Field.Vectors) << 4;
      for (let row = 0; row < rows; ++row) softmaxRow<T>(output + <usize>row * stride, 0, 0, 0, rowBytes, mask, 0);
      continue;
    }
    let derivative = load<usize>(layer, Field.Derivative);
    if (pass < Pass.Gradients || !derivative) {
      activate<T>(activation, output, bytes);
      continue;
    }
    derivative += skipped;
    if (derivesFromInput(activation)) {
      activateAndDerive<T>(activation, output, derivative, bytes);
    } else {
      activate<T>(activation, output, bytes);
      multiplyByDerivative<T>(activation, output, derivative, bytes, true);
    }
    const threshold = load<u32>(layer, Field.DropoutThreshold);
    if (threshold && pass == Pass.Train) {
      dropout<T>(
        l, threshold, load<f64>(layer, Field.DropoutScale),
        output, derivative, stride, rows, load<u32>(layer, Field.Units), firstRow + at,
      );
    }
  }
}

/** The units × inputs transpose of a kernel, rows of `rowBytes`; the kernel's zero rows become their padding. */
function transpose<T>(kernel: usize, stride: usize, units: i32, to: usize, rowBytes: usize): void {
  for (const end = to + rowBytes; to < end; to += sizeof<T>()) {
    let target = to;
    for (let unit = 0; unit < units; ++unit) {
      store<T>(target, load<T>(kernel + unit * sizeof<T>()));
      target += rowBytes;
    }
    kernel += stride;
  }
}

/**
 * Each hidden layer's delta from the next one's, for `rows` rows of the tile from row `at` on: δ = (δ_next · W_nextᵀ) ⊙ f′(z). Kernels must not have moved since forward.
 * Short dot products cost more in reductions than in products: narrow layers, such as most output layers, multiply by a transpose.
 */
export function backward<T>(at: i32, rows: i32, thread: i32): void {
  for (let l = load<i32>(Header.LayerCount) - 1; l > 0; --l) {
    const layer = layerRecord(l), below = layerRecord(l - 1);
    const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
    const strideBelow = load<usize>(below, Field.Stride) * sizeof<T>();
    const skipped = <usize>at * strideBelow;
    const delta = load<usize>(below, Field.Delta) + skipped, next = load<usize>(layer, Field.Delta) + <usize>at * stride;
    const kernel = load<usize>(layer, Field.Kernel);
    const units = load<i32>(layer, Field.Units);
    const vectorsBelow = load<i32>(below, Field.Vectors);
    if (units <= Limit.NarrowUnits) {
      const transposed = load<usize>(Header.Transposed) + <usize>thread * load<usize>(Header.ThreadBytes);
      const rowBytes = <usize>vectorsBelow << 4;
      transpose<T>(kernel, stride, units, transposed, rowBytes);
      multiply<T>(
        rows, vectorsBelow, next, stride, sizeof<T>(), transposed, rowBytes, units, Address.Zeros, 0, delta, strideBelow, 0,
      );
    } else {
      inputGradient<T>(
        rows, vectorsBelow * lanes<T>(), next, stride, kernel, stride, load<i32>(layer, Field.Vectors), delta, strideBelow,
      );
    }
    const derivative = load<usize>(below, Field.Derivative);
    const bytes = <usize>rows * strideBelow;
    if (derivative) multiplyBlocks<T>(delta, derivative + skipped, bytes);
    else multiplyByDerivative<T>(load<Activation>(below, Field.Activation), load<usize>(below, Field.Output) + skipped, delta, bytes, false);
  }
}

/**
 * ∂(objective)/∂x of the tile's `rows` rows from the deltas of `backward`: δ · Wᵀ of the first layer, written to the tile of inputs,
 * which it overwrites, with rows of whole vectors.
 */
export function inputGradients<T>(rows: i32): void {
  const layer = layerRecord(0);
  const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
  const inputs = (load<i32>(layer, Field.Inputs) + lanes<T>() - 1) / lanes<T>() * lanes<T>();
  inputGradient<T>(
    rows, inputs, load<usize>(layer, Field.Delta), stride, load<usize>(layer, Field.Kernel), stride, load<i32>(layer, Field.Vectors),
    load<usize>(Header.TileX), <usize>inputs * sizeof<T>(),
  );
}

/**
 * Every layer's gradients from its input and delta over the tile's `rows` rows: of the kernel Xᵀ·δ, for this thread's share of its
 * rows, and of the bias 1ᵀ·δ, on the first thread. Unless `whole`, parameters are updated from each panel, or even each register
 * tile, at once; otherwise gradients are written to the gradient block, or added to it when `accumulate`.
 */
export function weightGradients<T>(x: usize, rows: i32, whole: bool, accumulate: bool, thread: i32): void {
  const count = load<i32>(Header.LayerCount);
  const shift = load<usize>(Header.Gradients) - load<usize>(Header.Parameters);
  const l2 = load<f64>(Header.L2);
  const tallest = tileRows();
  // Plain gradient descent needs no panel: the tiles update the weights themselves.
  const rate: usize = !whole && l2 == 0 && load<Optimizer>(Header.OptimizerCode) == Optimizer.Sgd ? Header.MinusStepSize : 0;
  const panel = load<usize>(Header.Panel) + <usize>thread * load<usize>(Header.ThreadBytes);
  let inputRow = load<usize>(layerRecord(0), Field.Inputs) * sizeof<T>();
  for (let l = 0; l < count; ++l) {
    const layer = layerRecord(l);
    const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
    const vectors = load<i32>(layer, Field.Vectors);
    const rowBytes = <usize>vectors << 4;
    const delta = load<usize>(layer, Field.Delta);
    const inputs = load<u32>(layer, Field.Inputs);
    const first = share(inputs, thread, SHARED_ROWS);
    let left = <i32>(share(inputs, thread + 1, SHARED_ROWS) - first);
    let kernel = load<usize>(layer, Field.Kernel) + <usize>first * stride;
    let panelRows = left;
    if (rate) panelRows = Limit.StepRows;
    else if (!whole) panelRows = max<i32>(<i32>(<usize>Limit.PanelBytes / stride), tallest) / tallest * tallest;
    let a = x + <usize>first * sizeof<T>();
    while (left > 0) {
      const height = min<i32>(left, panelRows);
      const target = whole ? kernel + shift : rate ? kernel : panel;
      const targetRow = whole || rate ? stride : rowBytes;
      multiply<T>(
        height, vectors,
        a, sizeof<T>(), inputRow,
        delta, stride, rows,
        accumulate ? target : Address.Zeros, accumulate ? targetRow : 0,
        target, targetRow, rate,
      );
      if (!whole && !rate) updatePanel<T>(kernel, stride, panel, rowBytes, height, l2);
      kernel += <usize>height * stride;
      a += height * sizeof<T>();
      left -= height;
    }
    if (thread == 0 && load<i32>(layer, Field.HasBias)) {
      const bias = load<usize>(layer, Field.Bias);
      const target = whole ? bias + shift : panel;
      biasGradient<T>(delta, stride, rows, target, rowBytes, accumulate);
      if (!whole) update<T>(bias, panel, rowBytes, 0);
    }
    x = load<usize>(layer, Field.Output);
    inputRow = stride;
  }
}

/** Updates `height` rows of a kernel from a contiguous panel of their gradient: in one call where the kernel's rows are contiguous too. */
@inline
function updatePanel<T>(kernel: usize, stride: usize, panel: usize, rowBytes: usize, height: i32, l2: f64): void {
  if (stride == rowBytes) {
    update<T>(kernel, panel, <usize>height * stride, l2);
    return;
  }
  for (; height > 0; --height) {
    update<T>(kernel, panel, rowBytes, l2);
    kernel += stride;
    panel += rowBytes;
  }
}

/** g ← (g +) Σ over rows of δ, column by column, in row order; rows have `bytes` bytes. */
function biasGradient<T>(delta: usize, stride: usize, rows: i32, g: usize, bytes: usize, accumulate: bool): void {
  for (const end = g + bytes; g < end; g += 16) {
    let total = accumulate ? v128.load(g) : v128.splat<T>(<T>0);
    let d = delta;
    for (let row = 0; row < rows; ++row) {
      total = v128.add<T>(total, v128.load(d));
      d += stride;
    }
    v128.store(g, total);
    delta += 16;
  }
}
