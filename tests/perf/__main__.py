"""Speed and agreement, printed as ratios; nothing here passes or fails.

``python -m tests.perf [NAME...]`` runs the named ones, or all that take minutes at most:
``calibration`` takes longer. Those that need the real cluster say so and are left out where there
is none.
"""

import sys

from tests.perf import (
    agreement,
    big_inventory,
    calibration,
    charts,
    first_paint,
    overhead,
    sampler,
    startup,
)

PARTS = {
    "startup": startup.run,
    "first-paint": first_paint.run,
    "inventory": big_inventory.run,
    "sampler": sampler.run,
    "agreement": agreement.run,
    "overhead": overhead.run,
    "charts": charts.run,
    "calibration": calibration.run,
}
LONG = {"calibration"}


def main() -> int:
    """Run the named parts."""
    names = sys.argv[1:] or [name for name in PARTS if name not in LONG]
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part is called {unknown[0]}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    for name in names:
        print(f"== {name}")
        PARTS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
