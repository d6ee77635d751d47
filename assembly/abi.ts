// The interface between TypeScript and the kernels: codes, addresses, and record fields, compiled as constants by both
// AssemblyScript and TypeScript (src/engine/wasm/layout.ts writes what assembly/ reads).

// Codes of activations, losses and optimisers are append-only: a number keeps its meaning, and its order means nothing. Kernels test
// for each code by name, and trap on an unknown one.
export const enum Activation {
  Linear = 0,
  Sigmoid = 1,
  Tanh = 2,
  Relu = 3,
  LeakyRelu = 4,
  Elu = 5,
  Softplus = 6,
  Swish = 7,
  Gelu = 8,
  Softmax = 9,
}

export const enum Loss {
  HalfSquaredError = 0,
  SquaredError = 1,
  MeanSquaredError = 2,
  MeanAbsoluteError = 3,
  Huber = 4,
  BinaryCrossentropy = 5,
  CategoricalCrossentropy = 6,
  /** A loss of the caller's own: ∂loss/∂outputs stands in the targets' place. */
  Given = 7,
}

export const enum Optimizer {
  Sgd = 0,
  Momentum = 1,
  Nesterov = 2,
  RmsProp = 3,
  Adam = 4,
  AdamW = 5,
}

export const enum Limit {
  /** Size of a panel of the weight gradient: it fits the L1 cache, where its update finds it. At least one tile of rows. */
  PanelBytes = 8192,
  TileHeight = 6,
  /** Rows of a kernel updated at once in plain gradient descent: the inputs that they read stay in the cache. */
  StepRows = 48,
  /** Up to this many units a layer is narrow. The order in which its input gradient is summed depends on this alone. */
  NarrowUnits = 16,
}

/** The purpose of a pass. Ordered: each includes the work of those before it. */
export const enum Pass {
  Predict = 0,
  Evaluate = 1,
  Gradients = 2,
  Train = 3,
}

/** Fixed addresses at the start of every network's memory; src/engine/wasm/layout.ts places everything else. */
export const enum Address {
  /** 64 bytes that stay zero: the starting values of a product without a bias. */
  Zeros = 0,
  Header = 64,
  Constants = 384,
  Barrier = 1024,
  Layers = 1280,
}

/** The threads' barrier (barrier.ts): 32-bit words. Those that threads wait on have a cache line each. */
export const enum Barrier {
  /** Counts the tasks started: helpers wait for it to change. */
  Generation = Address.Barrier,
  /** Helpers in `atomic.wait` on Generation. */
  Waiters = Generation + 4,
  /** Helpers that have finished the task: the leader waits for all of them. */
  Arrived = Generation + 64,
  /** 1 while the leader is in `atomic.wait` on Arrived. */
  LeaderWaits = Arrived + 4,
  /** 1 when the run has ended or failed: waiting threads leave. */
  Closed = Generation + 128,
  /** How many spins the leader skips before `atomic.wait`. */
  SpinsSkipped = Closed + 4,
  /** Helpers that have started. */
  Ready = Generation + 192,
}

/** A task that all threads work on at once, each on its share. */
export const enum Task {
  /** Rows of a tile: forward, loss, and backward, as far as the pass requires. */
  Rows = 0,
  /** The kernels' gradients from all rows of a tile, shared out by rows of the kernels; and their update, unless the whole gradient is needed. */
  Weights = 1,
  /** The update from the whole gradient, shared out by ranges of parameters. */
  Update = 2,
}

/** Constants: each is a 16-byte vector with the number in every lane. */
export const enum Constant {
  One = Address.Constants,
  Half = One + 16,
  /** Rounds to an integer when added: 1.5·2^23 (float32) or 1.5·2^52 (float64). */
  Magic = Half + 16,
  Log2E = Magic + 16,
  /** −ln 2 in two parts, the first with so few digits that n·part is exact. */
  MinusLn2High = Log2E + 16,
  MinusLn2Low = MinusLn2High + 16,
  /** exp is 0 below. */
  ExpLowest = MinusLn2Low + 16,
  /** 2^64 (float32) or 2^512 (float64), and its inverse: scaled by them, exp's powers of two do not underflow. */
  Raise = ExpLowest + 16,
  Lower = Raise + 16,
  /** −x below which sigmoid is 1, and above which it is 0. */
  SigmoidIsOne = Lower + 16,
  SigmoidIsZero = SigmoidIsOne + 16,
  /** −2|x| below which tanh is ±1. */
  TanhLowest = SigmoidIsZero + 16,
  /** (e^r − 1 − r)/r² = Σ EXP[i]·r^i: 5 coefficients in float32, 10 in float64. */
  Exp = TanhLowest + 16,
  /** (atanh(s)/s − 1)/s² = Σ ATANH[i]·s^2i: 5 coefficients in float32, 10 in float64. */
  Atanh = Exp + 160,
  /** GELU's tanh form as x·σ(w): w/x = 2√(2/π) + 2√(2/π)·0.044715·x². */
  GeluLinear = Atanh + 160,
  GeluCubic = GeluLinear + 16,
  LeakySlope = GeluCubic + 16,
  /** The smallest normal number, below which no logarithm is taken. */
  Tiny = LeakySlope + 16,
  /** The sign bit alone: −0. */
  Sign = Tiny + 16,
  /** A 32-bit integer: rows of the tallest register tile, 6 where multiply and add are one instruction, else 4. */
  TileRows = Sign + 16,
  /** A 32-bit integer: vectors of the widest register tile, 4 where the engine pairs vectors in 256-bit registers, else 2. */
  TileVectors = TileRows + 4,
}

/** The header: 32-bit integers, then float64 numbers. */
export const enum Header {
  LayerCount = Address.Header,
  /** First of three blocks of ParameterBytes each: parameters, then the optimiser's slots. */
  Parameters = LayerCount + 4,
  ParameterBytes = Parameters + 4,
  /** The whole gradient, shaped as the parameters: for clipping, and for batches larger than a tile. */
  Gradients = ParameterBytes + 4,
  /** The snapshot of the state (State, parameters and slots) that training rolls back to, and the one before it. */
  Snapshot = Gradients + 4,
  OlderSnapshot = Snapshot + 4,
  StateBytes = OlderSnapshot + 4,
  /** The training set: x rows × inputs, y rows × outputs, one weight per row (or 0), u32 row order (or 0 for unshuffled). */
  X = StateBytes + 4,
  Y = X + 4,
  RowWeights = Y + 4,
  Order = RowWeights + 4,
  Rows = Order + 4,
  BatchSize = Rows + 4,
  /** Rows of this set already trained on in this epoch. */
  Cursor = BatchSize + 4,
  /** 1 when the epoch continues after this set, which is one of several pieces. EarlierRows counts the rows of the pieces before it. */
  Open = Cursor + 4,
  EarlierRows = Open + 4,
  /** Rows that a pass processes at once. */
  TileRows = EarlierRows + 4,
  /** Scratch: one tile of inputs, of padded targets, of row weights, and of float64 pairs: each row's loss and correct predictions. */
  TileX = TileRows + 4,
  TileY = TileX + 4,
  TileWeights = TileY + 4,
  TileTotals = TileWeights + 4,
  /** Scratch of each thread: a panel of the gradient, and a narrow layer's transposed kernel; the next thread's is ThreadBytes further. */
  Panel = TileTotals + 4,
  Transposed = Panel + 4,
  ThreadBytes = Transposed + 4,
  /** Float64 pairs: each completed epoch's loss and correct predictions. */
  Records = ThreadBytes + 4,
  LossCode = Records + 4,
  OptimizerCode = LossCode + 4,
  /** 1 when the loss is the mean over the batch's rows. */
  Mean = OptimizerCode + 4,
  /** 1 when the update must wait for the whole gradient (clipping). */
  Clip = Mean + 4,
  Seed = Clip + 4,
  /** Output: epochs completed and batches done in the last call of train, rows of its last batch. */
  EpochsDone = Seed + 4,
  StepsDone = EpochsDone + 4,
  BatchRows = StepsDone + 4,
  /** How many threads share each task; the current task, the tile's first row in the set and in its batch, its rows and its pass. */
  Threads = BatchRows + 4,
  TaskCode = Threads + 4,
  TaskFirst = TaskCode + 4,
  TaskBatchRow = TaskFirst + 4,
  TaskRows = TaskBatchRow + 4,
  TaskPass = TaskRows + 4,
  /** Whether the whole gradient is needed, and whether it is added to the gradient block. */
  TaskWhole = TaskPass + 4,
  TaskAccumulate = TaskWhole + 4,
  /** Where dense outputs are written; 0 where rows are compared with their targets instead. */
  TaskOutputs = TaskAccumulate + 4,
  /** A weight per output of the training set's rows, rows × outputs, or 0; and one tile of them, padded as the targets. */
  OutputWeights = TaskOutputs + 4,
  TileOutputWeights = OutputWeights + 4,
  /** From the next multiple of 8: float64 numbers. */
  LearningRate = Address.Header + 176,
  L2 = LearningRate + 8,
  ClipNorm = L2 + 8,
  /** Momentum, rho or beta1. */
  Beta1 = ClipNorm + 8,
  Beta2 = Beta1 + 8,
  Epsilon = Beta2 + 8,
  WeightDecay = Epsilon + 8,
  /** Bias correction of the second moment: 1/√(1 − β2^t) for adam, 1 for the others. */
  SecondCorrection = WeightDecay + 8,
  /** Totals of the current epoch, and of the last batch. */
  EpochLoss = SecondCorrection + 8,
  EpochCorrect = EpochLoss + 8,
  BatchLoss = EpochCorrect + 8,
  BatchCorrect = BatchLoss + 8,
  /** The factor of the task's losses in the objective: 1, or 1/rows of the whole batch for the mean. */
  TaskScale = BatchCorrect + 8,
  /** From the next multiple of 16: a vector with minus the step size in every lane, lr/(1 − β1^t) for adam, lr for the others. */
  MinusStepSize = TaskScale + 16,
}

/** Training state besides parameters and slots, at the start of the state block. */
export const enum State {
  Step = 0,
  Epoch = 4,
  Bytes = 64,
}

/** One layer's record in the layer table: 32-bit integers, except DropoutScale. */
export const enum Field {
  Inputs = 0,
  Units = 4,
  /** The leading dimension of kernel, output and delta, in numbers: at least as many as Vectors hold. */
  Stride = 8,
  Activation = 12,
  /** inputs × stride, then zero rows up to a whole number of vectors. */
  Kernel = 16,
  Bias = 20,
  /** 1 when the bias is trained; otherwise it stays zero. */
  HasBias = 24,
  Output = 28,
  Delta = 32,
  /** f′(z) by row, for layers whose output does not determine it (softplus, swish, gelu, dropout); otherwise 0. */
  Derivative = 36,
  /** A mask: all ones in the lanes of the last vector that hold units. */
  TailMask = 40,
  /** Units whose hash is below this are dropped; 0 drops none. */
  DropoutThreshold = 44,
  /** 1/(1 − dropout), float64. */
  DropoutScale = 48,
  /** Vectors of a row that hold units. */
  Vectors = 56,
  Bytes = 64,
}
