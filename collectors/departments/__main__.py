"""`python -m collectors.departments --data FILE`: one simulated department system alone, until interrupted. Prints its address."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from collectors.departments.data import last_rows, read_records
from collectors.departments.dialects import DIALECTS
from collectors.departments.onestop import Department


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m collectors.departments", description="Serve a data set as a department system.")
    parser.add_argument("--data", type=Path, required=True, help="a CSV file, or a JSON array of records")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="receipt", help="how the system speaks (default: receipt)")
    parser.add_argument("--port", type=int, default=0, help="0: any free port (default)")
    parser.add_argument("--rows", action="store_true", help="serve every row, not only the last of each code")
    parser.add_argument("--token-env", default="", help="the environment variable holding the token callers must show")
    arguments = parser.parse_args()
    with asyncio.Runner() as runner:
        try:
            runner.run(serve(arguments))
        except KeyboardInterrupt:
            return


async def serve(arguments: argparse.Namespace) -> None:
    dialect = DIALECTS[arguments.dialect]
    records = read_records(arguments.data)
    if not arguments.rows:
        records = last_rows(records, dialect)
    token = os.environ.get(arguments.token_env, "") if arguments.token_env else ""
    department = Department(records, dialect, clock=lambda: datetime.fromtimestamp(time.time(), UTC), token=token)
    async with department.serving(arguments.port) as url:
        print(url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
