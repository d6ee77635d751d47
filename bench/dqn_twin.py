"""The DQN of examples/dqn.mjs in PyTorch: the same environment, algorithm, hyperparameters and distributions, but random numbers of
its own. Prints each episode's last step and length as JSON.

  dqn_twin.py SETTINGS SEED STEPS    SETTINGS: the example's, as JSON"""

import json
import math
import random
import sys

import numpy as np
import torch

INPUTS, ACTIONS, LONGEST = 4, 2, 500


class CartPole:
    def __init__(self, source):
        self.source = source

    def reset(self):
        self.steps = 0
        self.state = [self.source.uniform(-0.05, 0.05) for _ in range(INPUTS)]
        return self.state

    def step(self, action):
        x, velocity, angle, spin = self.state
        force = 10.0 if action == 1 else -10.0
        sin, cos = math.sin(angle), math.cos(angle)
        push = (force + 0.05 * spin**2 * sin) / 1.1
        turn = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
        acceleration = push - 0.05 * turn * cos / 1.1
        self.state = [x + 0.02 * velocity, velocity + 0.02 * acceleration, angle + 0.02 * spin, spin + 0.02 * turn]
        self.steps += 1
        fell = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 12 * math.pi / 180
        return self.state, fell, fell or self.steps >= LONGEST


def network(hidden):
    sizes = [INPUTS, *hidden, ACTIONS]
    layers = []
    for i, (inputs, units) in enumerate(zip(sizes, sizes[1:])):
        last = i == len(sizes) - 2
        linear = torch.nn.Linear(inputs, units)
        if last:
            torch.nn.init.normal_(linear.weight, std=inputs**-0.5)  # the library's default
        else:
            torch.nn.init.kaiming_uniform_(linear.weight, nonlinearity="relu")
        torch.nn.init.zeros_(linear.bias)
        layers += [linear] if last else [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers)


def train(settings, seed, steps):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    source = random.Random(seed)
    sampler = np.random.default_rng(seed)
    world = CartPole(source)
    scale = torch.tensor(settings["scale"])
    nn, target = network(settings["hidden"]), network(settings["hidden"])
    target.load_state_dict(nn.state_dict())
    optimizer = torch.optim.Adam(nn.parameters(), lr=settings["learningRate"])
    capacity, batch, tau, explore = settings["buffer"], settings["batch"], settings["target"], settings["explore"]
    states = np.zeros((capacity, INPUTS), np.float32)
    next_states = np.zeros((capacity, INPUTS), np.float32)
    actions = np.zeros(capacity, np.int64)
    fallen = np.zeros(capacity, np.float32)
    episodes, began, state = [], 0, world.reset()
    for step in range(1, steps + 1):
        chance = max(explore["to"], explore["from"] + (explore["to"] - explore["from"]) * step / explore["steps"])
        if source.random() < chance:
            action = source.randrange(ACTIONS)
        else:
            with torch.no_grad():
                action = int(nn(torch.tensor(state) / scale).argmax())
        after, fell, done = world.step(action)
        at = (step - 1) % capacity
        states[at], next_states[at], actions[at], fallen[at] = state, after, action, fell
        state = after
        if step >= settings["warmUp"]:
            rows = sampler.integers(0, min(step, capacity), batch)
            with torch.no_grad():
                following = torch.from_numpy(next_states[rows]) / scale
                best = target(following).gather(1, nn(following).argmax(1, keepdim=True)).squeeze(1)
                wanted = 1 + settings["discount"] * best * (1 - torch.from_numpy(fallen[rows]))
            taken = nn(torch.from_numpy(states[rows]) / scale).gather(1, torch.from_numpy(actions[rows]).unsqueeze(1)).squeeze(1)
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(taken, wanted).backward()
            optimizer.step()
            with torch.no_grad():
                for own, other in zip(target.parameters(), nn.parameters()):
                    own.lerp_(other, tau)
        if done:
            episodes.append({"step": step, "length": step - began})
            began, state = step, world.reset()
    return episodes


if __name__ == "__main__":
    print(json.dumps(train(json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
