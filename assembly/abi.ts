// The numbers that both sides of the WebAssembly boundary agree on: codes, addresses, and record fields.
// Compiled by AssemblyScript (as constants) and by TypeScript (src/engine/wasm/layout.ts writes what assembly/ reads).

// Codes of activations, losses and optimisers are append-only: a number keeps its meaning, and its order says nothing. Kernels test
// for each code by name, and trap on one that they do not know.
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
  /** The weight gradient's panel fits the nearest cache, so that its update finds it there; one tile of rows at the least. */
  PanelBytes = 8192,
  TileHeight = 6,
  /** Rows of a kernel that are stepped before the next ones, in plain gradient descent: what they read of the inputs stays near. */
  StepRows = 48,
  /** Up to this many units a layer is narrow: the way its inputs' gradient is summed depends on it, and on nothing else. */
  NarrowUnits = 16,
}

/** What a pass is for. Ordered: each includes what those before it need. */
export const enum Pass {
  Predict = 0,
  Evaluate = 1,
  Gradients = 2,
  Train = 3,
}

/** Fixed places at the start of every network's memory; everything else is placed by src/engine/wasm/layout.ts. */
export const enum Address {
  /** 64 bytes that stay zero: where a product without a bias starts from. */
  Zeros = 0,
  Header = 64,
  Constants = 384,
  Meeting = 1024,
  Layers = 1280,
}

/** Where threads meet (barrier.ts): words of 32 bits that some write and others wait for, each of these on a cache line of its own. */
export const enum Meeting {
  /** Counts the tasks handed out: helpers wait for it to move. */
  Turn = Address.Meeting,
  /** Helpers asleep at Turn. */
  Sleepers = Turn + 4,
  /** Helpers that are done with the task: the leader waits for all of them. */
  Arrived = Turn + 64,
  /** 1 while the leader sleeps at Arrived. */
  LeaderSleeps = Arrived + 4,
  /** 1 when the run is over or has failed: who waits leaves. */
  Over = Turn + 128,
  /** How much less than it might the leader looks before sleeping (barrier.ts). */
  Impatience = Over + 4,
  /** Helpers that have come. */
  Ready = Turn + 192,
}

/** What all threads do at once, each its share. */
export const enum Task {
  /** Rows of a tile, forward, compared with their targets, and backward: as far as the pass goes. */
  Rows = 0,
  /** The kernels' gradients from all rows of a tile, by rows of the kernels; and their update, unless they are wanted whole. */
  Weights = 1,
  /** The update from the whole gradient, by ranges of parameters. */
  Update = 2,
}

/** One constant: a vector of 16 bytes, the number in every lane. Coefficients are named by their power. */
export const enum Constant {
  One = Address.Constants,
  Half = One + 16,
  /** Rounds to an integer when added: 1.5·2^23 (float32) or 1.5·2^52 (float64). */
  Magic = Half + 16,
  Log2E = Magic + 16,
  /** −ln 2 in two parts, the first so short that n·part is exact. */
  MinusLn2High = Log2E + 16,
  MinusLn2Low = MinusLn2High + 16,
  /** exp is 0 below. */
  ExpLowest = MinusLn2Low + 16,
  /** 2^64 (float32) or 2^512 (float64), and its inverse: between them exp's powers of two do not underflow. */
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
  /** An integer of 32 bits: rows of the tallest register tile, 6 where multiply and add are one instruction, else 4. */
  TileRows = Sign + 16,
  /** Likewise: vectors of the widest one, 4 where the engine pairs vectors in registers twice as wide, else 2. */
  TileVectors = TileRows + 4,
}

/** The header: integers of 32 bits … */
export const enum Header {
  LayerCount = Address.Header,
  /** First of three blocks of ParameterBytes each: parameters, then the optimiser's slots. */
  Parameters = LayerCount + 4,
  ParameterBytes = Parameters + 4,
  /** The whole gradient, shaped as the parameters: for clipping, and for batches larger than a tile. */
  Gradients = ParameterBytes + 4,
  /** The copy of the state (State, parameters and slots) that training returns to, and the one before it. */
  Snapshot = Gradients + 4,
  OlderSnapshot = Snapshot + 4,
  StateBytes = OlderSnapshot + 4,
  /** The training set: x rows × inputs, y rows × outputs, a weight a row (or 0), u32 order (or 0 for as they lie). */
  X = StateBytes + 4,
  Y = X + 4,
  RowWeights = Y + 4,
  Order = RowWeights + 4,
  Rows = Order + 4,
  BatchSize = Rows + 4,
  /** Rows of this epoch already trained on. */
  Cursor = BatchSize + 4,
  /** 1 when the epoch goes on after this set: it is one of several pieces. EarlierRows are those of the pieces before it. */
  Open = Cursor + 4,
  EarlierRows = Open + 4,
  /** Rows a pass takes at once. */
  TileRows = EarlierRows + 4,
  /** Scratch: one tile of inputs, of padded targets, of row weights, of pairs of float64: each row's loss and correct answers. */
  TileX = TileRows + 4,
  TileY = TileX + 4,
  TileWeights = TileY + 4,
  TileTotals = TileWeights + 4,
  /** Each thread's own: one panel of the gradient, and a narrow layer's kernel, transposed; ThreadBytes to the next thread's. */
  Panel = TileTotals + 4,
  Transposed = Panel + 4,
  ThreadBytes = Transposed + 4,
  /** Pairs of float64: each completed epoch's loss and correct answers. */
  Records = ThreadBytes + 4,
  LossCode = Records + 4,
  OptimizerCode = LossCode + 4,
  /** 1 when gradients are divided by the batch's rows. */
  Mean = OptimizerCode + 4,
  /** 1 when the update must wait for the whole gradient (clipping). */
  Clip = Mean + 4,
  Seed = Clip + 4,
  /** Out: epochs completed and batches done in the last call of train, rows of its last batch. */
  EpochsDone = Seed + 4,
  StepsDone = EpochsDone + 4,
  BatchRows = StepsDone + 4,
  /** How many threads share each task, and the task: which; the tile's first row in the set and in its batch; its rows; … */
  Threads = BatchRows + 4,
  TaskCode = Threads + 4,
  TaskFirst = TaskCode + 4,
  TaskBatchRow = TaskFirst + 4,
  TaskRows = TaskBatchRow + 4,
  TaskPass = TaskRows + 4,
  /** … whether gradients are wanted whole, and are added to those that are there. */
  TaskWhole = TaskPass + 4,
  TaskAccumulate = TaskWhole + 4,
  /** Where outputs go, dense; 0 where rows are compared with their targets instead. */
  TaskOutputs = TaskAccumulate + 4,
  /** A weight per output of the training set's rows, rows × outputs, or 0; and one tile of them, padded as the targets. */
  OutputWeights = TaskOutputs + 4,
  TileOutputWeights = OutputWeights + 4,
  /** … and, from the next multiple of 8, numbers of 64 bits. */
  LearningRate = Address.Header + 176,
  L2 = LearningRate + 8,
  ClipNorm = L2 + 8,
  /** Momentum, rho or beta1. */
  Beta1 = ClipNorm + 8,
  Beta2 = Beta1 + 8,
  Epsilon = Beta2 + 8,
  WeightDecay = Epsilon + 8,
  /** Of what depends on the step's number: 1/√(1 − β2^t) for adam, 1 for the others. */
  SecondCorrection = WeightDecay + 8,
  /** Totals of the running epoch, and of the last batch. */
  EpochLoss = SecondCorrection + 8,
  EpochCorrect = EpochLoss + 8,
  BatchLoss = EpochCorrect + 8,
  BatchCorrect = BatchLoss + 8,
  /** What the task's losses are multiplied by: 1, or 1/rows of the whole batch for the mean. */
  TaskScale = BatchCorrect + 8,
  /** A vector, from the next multiple of 16: minus the step's size in every lane, lr/(1 − β1^t) for adam, lr for the others. */
  MinusStepSize = TaskScale + 16,
}

/** What training carries along beside the parameters, at the start of the state block. */
export const enum State {
  Step = 0,
  Epoch = 4,
  /** β1^step and β2^step are recomputed from the step; nothing else lives here. */
  Bytes = 64,
}

/** One layer's record in the layer table; every field 32 bits but one. */
export const enum Field {
  Inputs = 0,
  Units = 4,
  /** The leading dimension of kernel, output and delta: at least as many numbers as its Vectors hold. */
  Stride = 8,
  Activation = 12,
  /** inputs × stride, then zero rows up to a whole number of vectors. */
  Kernel = 16,
  Bias = 20,
  /** 1 when the bias is trained; else it stays zero. */
  HasBias = 24,
  Output = 28,
  Delta = 32,
  /** f′(z) by row, for layers whose output does not tell it (softplus, swish, gelu, dropout); else 0. */
  Derivative = 36,
  /** All ones in the lanes of the last vector that hold units. */
  TailMask = 40,
  /** Units whose hash is below this are dropped; 0 for none. */
  DropoutThreshold = 44,
  /** 1/(1 − dropout), float64. */
  DropoutScale = 48,
  /** Vectors of a row that hold units. */
  Vectors = 56,
  Bytes = 64,
}
