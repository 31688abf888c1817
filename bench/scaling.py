"""GETs a second of 1, 2, 4 and 8 threads under several Pythons, in interleaved rounds: what there is to a missing GIL.

    PYTHONPATH=tests python bench/scaling.py PYTHON [PYTHON ...]

Each PYTHON has respool installed. The second column is in proportion to the same Python's single thread.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

from servers import redis_server

THREADS = (1, 2, 4, 8)
ROUNDS = 5
MEASURE = """
import sys, threading, time
import respool
count, port = map(int, sys.argv[1:])
client = respool.Redis(port=port, max_connections=count)
done = [0] * count
end = time.perf_counter() + 1
def work(number):
    while time.perf_counter() < end:
        client.get("key")
        done[number] += 1
threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(done))
"""


def main() -> None:
    pythons = sys.argv[1:] or [sys.executable]
    rates: dict[tuple[str, int], list[float]] = {}
    with redis_server() as server:
        for _ in range(ROUNDS):
            for threads in THREADS:
                for python in pythons:
                    command = [python, "-c", MEASURE, str(threads), str(server.port)]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                    rates.setdefault((python, threads), []).append(float(done.stdout))
    for python in pythons:
        print(python)  # noqa: T201
        alone = rates[python, 1]
        for threads in THREADS:
            here = rates[python, threads]
            ratio = statistics.median(rate / one for rate, one in zip(here, alone, strict=True))
            print(f"{threads:3} threads {statistics.median(here):10,.0f} GETs/s {ratio:6.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
