"""Writes rentals.csv beside this file: bicycle rentals that nobody made, with every kind of column and with gaps."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

rng = np.random.default_rng(7)
stations = ["harbour", "market", "museum", "park", "school", "station"]
lines = ["time,station,weather,temperature,member,minutes,returned"]
for _ in range(500):
    time = datetime(2025, 1, 1) + timedelta(hours=int(rng.integers(0, 365 * 24)))
    station = stations[rng.integers(0, 6)]
    weather = rng.choice(["sun", "cloud", "rain"], p=[0.45, 0.35, 0.2])
    summer = -np.cos(2 * np.pi * time.timetuple().tm_yday / 365)
    temperature = 11 + 9 * summer + rng.normal(0, 3)
    member = rng.random() < 0.6
    minutes = np.exp(2.6 + 0.25 * summer + {"sun": 0.3, "cloud": 0, "rain": -0.5}[weather] - 0.4 * member
                     + {"park": 0.5, "harbour": 0.3}.get(station, 0) + rng.normal(0, 0.25))
    drift = 0.08 * (minutes - 14) - 1.5 * member + (1.5 if time.weekday() >= 5 else -0.5) + {"station": 1.5}.get(station, 0)
    returned = "elsewhere" if drift + rng.logistic(0, 0.4) > 0 else "same station"
    cells = [time.isoformat(timespec="minutes"), station, weather if rng.random() > 0.04 else "",
             f"{temperature:.1f}" if rng.random() > 0.06 else "", "true" if member else "false", f"{minutes:.0f}", returned]
    lines.append(",".join(cells))
Path(__file__).with_suffix(".csv").write_text("\n".join(lines) + "\n")
