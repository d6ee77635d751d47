// The network on one tile of rows: forward, backward, and the weights' gradients, over the layer table in linear memory.
import { Address, Activation, Field, Header, Limit, Pass } from "./abi";
import { activate, activateAndDerive, multiplyBlocks, multiplyByDerivative } from "./activation";
import { inputGradient } from "./gemm/input-gradient";
import { multiply } from "./gemm/multiply";
import { tileRows } from "./gemm/tile";
import { fromLogits } from "./loss";
import { update } from "./optimizer";
import { dropout } from "./random";
import { softmaxRow } from "./softmax";

@inline
export function layerRecord(index: i32): usize {
  return <usize>(Address.Layers + index * Field.Bytes);
}

@inline
export function lastLayer(): usize {
  return layerRecord(load<i32>(Header.LayerCount) - 1);
}

/**
 * All layers forward over `rows` rows at x (dense rows of inputs), the tile's first being row `firstRow` of its batch. For a
 * loss (`pass` above Predict) the last layer's sums stay as they are when the loss wants them; for gradients, derivatives
 * that outputs do not tell are kept; in training, units are dropped.
 */
export function forward<T>(x: usize, rows: i32, pass: Pass, firstRow: u32): void {
  const count = load<i32>(Header.LayerCount);
  let inputRow = load<usize>(layerRecord(0), Field.Inputs) * sizeof<T>();
  for (let l = 0; l < count; ++l) {
    const layer = layerRecord(l);
    const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
    const output = load<usize>(layer, Field.Output);
    const activation = load<Activation>(layer, Field.Activation);
    const bytes = <usize>rows * stride;
    multiply<T>(
      rows, <i32>(stride >>> 4),
      x, inputRow, sizeof<T>(),
      load<usize>(layer, Field.Kernel), stride, load<i32>(layer, Field.Inputs),
      load<usize>(layer, Field.Bias), 0,
      output, stride,
    );
    x = output;
    inputRow = stride;
    if (pass > Pass.Predict && l == count - 1 && fromLogits()) return;
    if (activation == Activation.Softmax) {
      const mask = load<usize>(layer, Field.TailMask);
      for (let row = 0; row < rows; ++row) softmaxRow<T>(output + <usize>row * stride, 0, 0, stride, mask, 0);
      continue;
    }
    const derivative = load<usize>(layer, Field.Derivative);
    if (pass < Pass.Gradients || !derivative) {
      activate<T>(activation, output, bytes);
      continue;
    }
    if (activation >= Activation.Softplus) {
      activateAndDerive<T>(activation, output, derivative, bytes);
    } else {
      activate<T>(activation, output, bytes);
      multiplyByDerivative<T>(activation, output, derivative, bytes, true);
    }
    const threshold = load<u32>(layer, Field.DropoutThreshold);
    if (threshold && pass == Pass.Train) {
      dropout<T>(
        l, threshold, load<f64>(layer, Field.DropoutScale),
        output, derivative, stride, rows, load<u32>(layer, Field.Units), firstRow,
      );
    }
  }
}

/** The units × inputs transpose of a kernel, rows at `toStride`; the kernel's zero rows become their padding. */
function transpose<T>(kernel: usize, stride: usize, units: i32, to: usize, toStride: usize): void {
  for (const end = to + toStride; to < end; to += sizeof<T>()) {
    let target = to;
    for (let unit = 0; unit < units; ++unit) {
      store<T>(target, load<T>(kernel + unit * sizeof<T>()));
      target += toStride;
    }
    kernel += stride;
  }
}

/**
 * Each hidden layer's delta from the next one's: δ = (δ_next · W_nextᵀ) ⊙ f′(z). Kernels must not have moved since forward.
 * Dot products pay for their reductions by their length: narrow layers, such as most last ones, multiply by a transpose.
 */
export function backward<T>(rows: i32): void {
  for (let l = load<i32>(Header.LayerCount) - 1; l > 0; --l) {
    const layer = layerRecord(l), below = layerRecord(l - 1);
    const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
    const strideBelow = load<usize>(below, Field.Stride) * sizeof<T>();
    const delta = load<usize>(below, Field.Delta), next = load<usize>(layer, Field.Delta);
    const kernel = load<usize>(layer, Field.Kernel);
    const units = load<i32>(layer, Field.Units);
    if (units <= Limit.NarrowUnits) {
      const transposed = load<usize>(Header.Transposed);
      transpose<T>(kernel, stride, units, transposed, strideBelow);
      multiply<T>(
        rows, <i32>(strideBelow >>> 4), next, stride, sizeof<T>(), transposed, strideBelow, units,
        Address.Zeros, 0, delta, strideBelow,
      );
    } else {
      inputGradient<T>(rows, load<i32>(below, Field.Stride), next, stride, kernel, stride, <i32>(stride >>> 4), delta, strideBelow);
    }
    const derivative = load<usize>(below, Field.Derivative);
    const bytes = <usize>rows * strideBelow;
    if (derivative) multiplyBlocks<T>(delta, derivative, bytes);
    else multiplyByDerivative<T>(load<Activation>(below, Field.Activation), load<usize>(below, Field.Output), delta, bytes, false);
  }
}

/**
 * Every layer's gradients from its input and delta: kernel Xᵀ·δ, bias 1ᵀ·δ. Either each panel goes straight into its update
 * (`whole` false), or all go to the gradient block, onto what is there when `accumulate`.
 */
export function weightGradients<T>(x: usize, rows: i32, whole: bool, accumulate: bool): void {
  const count = load<i32>(Header.LayerCount);
  const shift = load<usize>(Header.Gradients) - load<usize>(Header.Parameters);
  const l2 = load<f64>(Header.L2);
  const panel = load<usize>(Header.Panel);
  const tallest = tileRows<T>();
  let inputRow = load<usize>(layerRecord(0), Field.Inputs) * sizeof<T>();
  for (let l = 0; l < count; ++l) {
    const layer = layerRecord(l);
    const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
    const vectors = <i32>(stride >>> 4);
    const delta = load<usize>(layer, Field.Delta);
    let left = load<i32>(layer, Field.Inputs);
    let kernel = load<usize>(layer, Field.Kernel);
    const most = whole ? left : max<i32>(<i32>(<usize>Limit.PanelBytes / stride), tallest) / tallest * tallest;
    let a = x;
    while (left > 0) {
      const height = min<i32>(left, most);
      const target = whole ? kernel + shift : panel;
      multiply<T>(
        height, vectors,
        a, sizeof<T>(), inputRow,
        delta, stride, rows,
        accumulate ? target : Address.Zeros, accumulate ? stride : 0,
        target, stride,
      );
      if (!whole) update<T>(kernel, panel, <usize>height * stride, l2);
      kernel += <usize>height * stride;
      a += height * sizeof<T>();
      left -= height;
    }
    if (load<i32>(layer, Field.HasBias)) {
      const bias = load<usize>(layer, Field.Bias);
      const target = whole ? bias + shift : panel;
      biasGradient<T>(delta, stride, rows, target, accumulate);
      if (!whole) update<T>(bias, panel, stride, 0);
    }
    x = load<usize>(layer, Field.Output);
    inputRow = stride;
  }
}

/** g ← (g +) Σ over rows of δ, column by column, rows in order. */
function biasGradient<T>(delta: usize, stride: usize, rows: i32, g: usize, accumulate: bool): void {
  for (const end = g + stride; g < end; g += 16) {
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
