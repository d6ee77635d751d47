"""Trains a network saved by wasmlp on several processes by PyTorch's DistributedDataParallel, and saves it for NN.load:
  torchrun --nproc_per_node 2 ddp_train.py MODEL.safetensors ROWS.csv TRAINED.safetensors [EPOCHS]
Without torchrun: a process per RANK, with WORLD_SIZE, MASTER_ADDR and MASTER_PORT in its environment. ROWS.csv has a header and
numbers alone: a column per input, then the targets (for categoricalCrossentropy the index of the class)."""
import base64, json, sys
from pathlib import Path
import numpy as np, torch
from torch import distributed, nn
ACTIVATIONS = {"linear": nn.Identity, "softmax": nn.Identity, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "swish": nn.SiLU}
LOSSES = {"categoricalCrossentropy": nn.CrossEntropyLoss, "meanSquaredError": nn.MSELoss, "meanAbsoluteError": nn.L1Loss}
OPTIMIZERS = {"sgd": lambda p, lr, o: torch.optim.SGD(p, lr, momentum=o.get("momentum", 0), nesterov=o.get("nesterov", False)),
              "adam": lambda p, lr, o: torch.optim.Adam(p, lr, betas=(o.get("beta1", 0.9), o.get("beta2", 0.999)), eps=o.get("epsilon", 1e-8))}

model_path, rows_path, output_path, epochs = *sys.argv[1:4], int((sys.argv[4:] or [1])[0])
file = Path(model_path).read_bytes()
start = 8 + int.from_bytes(file[:8], "little")
header = json.loads(file[8:start])
description = json.loads(header["__metadata__"]["wasmlp"])
options, scalers = description["options"], description.get("scalers", {})
dtype, npdtype = (torch.float64, "<f8") if options["dtype"] == "float64" else (torch.float32, "<f4")
sizes = [options["layers"][0]] + [layer["units"] for layer in options["layers"][1:]]
parts = [part for inputs, layer in zip(sizes, options["layers"][1:]) for part in
         (nn.Linear(inputs, layer["units"], bias=layer["bias"], dtype=dtype), ACTIVATIONS[layer["activation"]]())]
network = nn.Sequential(*parts)
names = {f"layers.{i // 2}.{kind}": f"{i}.{kind}" for i in range(0, len(parts), 2) for kind in parts[i].state_dict()}
span = lambda name: slice(*(start + offset for offset in header[name]["data_offsets"]))
network.load_state_dict({to: torch.from_numpy(np.frombuffer(file[span(name)], npdtype).reshape(header[name]["shape"]).copy()) for name, to in names.items()})

distributed.init_process_group("gloo")
scale = lambda values, by: (values - by["shift"]) / by["scale"] if by else values
rows = np.loadtxt(rows_path, delimiter=",", skiprows=1, ndmin=2)
x = torch.from_numpy(scale(rows[:, :sizes[0]], scalers.get("input"))).to(dtype)
is_class = options["loss"] == "categoricalCrossentropy"
y = torch.from_numpy(rows[:, -1]).long() if is_class else torch.from_numpy(scale(rows[:, sizes[0]:], scalers.get("target"))).to(dtype)
samples = torch.utils.data.TensorDataset(x, y)
sampler = torch.utils.data.DistributedSampler(samples, shuffle=options["shuffle"], seed=options["seed"] % 2**31)
batch = -(-(options.get("batchSize") or len(rows)) // distributed.get_world_size())  # None: all rows
loader = torch.utils.data.DataLoader(samples, batch_size=batch, sampler=sampler)
replica, loss_of = nn.parallel.DistributedDataParallel(network), LOSSES[options["loss"]]()
optimizer = OPTIMIZERS[options["optimizer"]["name"]](replica.parameters(), options["learningRate"], options["optimizer"])
for epoch in range(epochs):
    sampler.set_epoch(epoch)
    for inputs, targets in loader:
        optimizer.zero_grad()
        (loss := loss_of(replica(inputs), targets)).backward()
        optimizer.step()
    if distributed.get_rank() == 0: print(f"epoch {epoch + 1}/{epochs} loss {loss.item():.6f}", file=sys.stderr)

if distributed.get_rank() == 0:  # The same file with other tensors. The optimiser's memory begins anew, and the checksum is left out.
    data = bytearray(file)
    for name, to in names.items(): data[span(name)] = network.state_dict()[to].numpy().astype(npdtype).tobytes()
    metadata = header["__metadata__"]
    metadata["optimizer"] = base64.b64encode(bytes(len(base64.b64decode(metadata["optimizer"])))).decode()
    metadata["wasmlp"] = json.dumps({**description, "step": 0, "epoch": description["epoch"] + epochs})
    del metadata["checksum"]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(output_path).write_bytes(len(text).to_bytes(8, "little") + text + bytes(data[start:]))
distributed.destroy_process_group()
