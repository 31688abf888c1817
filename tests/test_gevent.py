"""gevent: its sockets wait for one greenlet and let the others go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import respool
from servers import RedisServer

GEVENT = """
import sys
{imports}
import gevent, redis, respool
kind = respool.SSLConnection if {tls} else respool.Connection
options = dict(host="127.0.0.1", port={port}, socket_timeout=20, connection_class=kind)
if {tls}:
    options["ssl_ca_certs"] = {root!r}
pool = respool.ConnectionPool(max_connections=3, timeout=20, **options)
client = redis.Redis(connection_pool=pool)
order = []

def slow():
    assert client.blpop(["gevent"], timeout=20) == (b"gevent", b"end")
    order.append("slow")

def quick(number):
    for count in range(20):
        token = f"{{number}}-{{count}}"
        assert client.echo(token) == token.encode()
    order.append("quick")
    if len(order) == 5:
        client.rpush("gevent", "end")

gevent.joinall([gevent.spawn(slow)] + [gevent.spawn(quick, number) for number in range(5)], raise_error=True)
assert order == ["quick"] * 5 + ["slow"], order

value = b"x" * (4 << 20)
assert client.set("gevent", value) and client.get("gevent") == value and client.delete("gevent") == 1

connection = pool.get_connection()
connection._sock.settimeout(0.2)
connection.send_command("BLPOP", "nothing", 5)
ticks = []
ticker = gevent.spawn(lambda: [ticks.append(gevent.sleep(0.02)) for _ in range(5)])
try:
    connection.read_response()
except redis.TimeoutError:
    pass
else:
    raise AssertionError("no time-out")
assert len(ticks) > 1
pool.release(connection)

connection = pool.get_connection()
connection.connect()
connection._sock.close()
for use in (lambda: connection.send_command("ECHO", "old"), connection.read_response):
    try:
        use()
    except (redis.ConnectionError, redis.TimeoutError):
        break
else:
    raise AssertionError("a closed socket was used")
connection.disconnect()
pool.release(connection)
assert client.echo("a") == b"a"
pool.close()
print("well")
"""


@pytest.mark.parametrize("imports", ["early", "late"])
@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_greenlets_do_not_block_one_another(
    request: pytest.FixtureRequest, server: RedisServer, transport: str, imports: str
) -> None:
    """Whether gevent has patched the standard library before respool was imported, or after."""
    patch = "from gevent import monkey; monkey.patch_all()"
    tls = transport == "tls"
    running = request.getfixturevalue("secure_server") if tls else server
    script = GEVENT.format(
        imports=patch if imports == "early" else f"import respool; {patch}",
        tls=tls,
        port=running.tls_port if tls else running.port,
        root=request.getfixturevalue("certificates").root,
    )
    source = str(Path(respool.__file__).parents[1])
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": source}, check=False,
    )
    assert ended.returncode == 0 and ended.stdout == "well\n", ended.stderr
