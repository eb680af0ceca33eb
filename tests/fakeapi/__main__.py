"""``python -m tests.fakeapi INVENTORY [--port N] [--kubeconfig FILE]``: serve it until ctrl+c."""

import argparse
import asyncio
from pathlib import Path

from tests.fakeapi.server import FakeApi
from tests.fakeapi.snapshots import load_inventory_file


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inventory", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--kubeconfig", type=Path, default=Path("fake.kubeconfig"))
    arguments = parser.parse_args()
    async with FakeApi.serve(load_inventory_file(arguments.inventory), port=arguments.port) as api:
        path = api.write_kubeconfig(arguments.kubeconfig)
        print(f"{api.url} (kubeconfig: {path})", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
