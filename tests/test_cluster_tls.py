"""Clusters whose servers talk TLS: after `install()`, redis-py's clients have connections of respool's there too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.cluster import key_slot
from redis.exceptions import RedisClusterException

import respool.asyncio
from conftest import assert_sound
from deployments import Cluster, cluster, migrate
from loops import Run
from servers import Certificates

pytestmark = [
    pytest.mark.usefixtures("installed"),
    # What redis-py's own client for clusters hands to its own connections, before 8.0.
    pytest.mark.filterwarnings("ignore:.*deprecated usage of input argument/s 'lib_:DeprecationWarning"),
]

NAME = "tested"
KEYS = [f"key-{number}" for number in range(50)]
WAYS: dict[str, Callable[[Any, int], Any]] = {
    "url": lambda kind, port: lambda **options: kind.from_url(f"rediss://127.0.0.1:{port}", **options),
    "host": lambda kind, port: lambda **options: kind(host="127.0.0.1", port=port, ssl=True, **options),
}


@pytest.fixture(scope="module")
def setup(certificates: Certificates) -> Iterator[Cluster]:
    with cluster(certificates=certificates) as running:
        yield running


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, setup: Cluster) -> Callable[[Any], Any]:
    """How a program makes a client of a class."""
    return lambda kind: WAYS[request.param](kind, setup.servers[0].tls_port)


def sessions(setup: Cluster) -> list[list[str]]:
    return [[entry["id"] for entry in server.connections_named(NAME)] for server in setup.servers]


def test_pools_of_nodes_are_ours(
    setup: Cluster, certificates: Certificates, way: Callable[[Any], Any], protocol: int
) -> None:
    options = {"client_name": NAME, "ssl_ca_certs": certificates.root, "protocol": protocol}
    with way(redis.RedisCluster)(**options) as client:
        for key in KEYS:
            assert client.set(key, key) is True
        pools = [node.redis_connection.connection_pool for node in client.get_nodes()]
        assert {(type(pool), pool.connection_class) for pool in pools} == {
            (respool.ConnectionPool, respool.SSLConnection)}
        before = sessions(setup)
        assert [len(found) for found in before] == [1, 1, 1, 0, 0, 0]
        with setup.migrating(key_slot(KEYS[0].encode())) as (source, target):
            migrate(source, target, KEYS[0])
            assert [client.get(key) for key in KEYS] == [key.encode() for key in KEYS]  # ASK
            assert sessions(setup) == before
        assert [client.get(key) for key in KEYS] == [key.encode() for key in KEYS]  # MOVED
        for pool in pools:
            assert_sound(pool, in_use=0)


def test_connections_of_nodes_are_ours_with_asyncio(
    setup: Cluster, certificates: Certificates, way: Callable[[Any], Any], run: Run, either_protocol: int
) -> None:
    async def main() -> None:
        options = {"client_name": NAME, "ssl_ca_certs": certificates.root, "protocol": either_protocol}
        async with way(redis.asyncio.RedisCluster)(**options) as client:
            for key in KEYS:
                assert await client.set(key, key) is True
            connections = [connection for node in client.get_nodes() for connection in node._connections]
            assert {type(connection) for connection in connections} == {respool.asyncio.SSLConnection}
            before = sessions(setup)
            assert [len(found) > 0 for found in before] == [True] * 3 + [False] * 3
            with setup.migrating(key_slot(KEYS[0].encode())) as (source, target):
                migrate(source, target, KEYS[0])
                assert [await client.get(key) for key in KEYS] == [key.encode() for key in KEYS]  # ASK
                assert sessions(setup) == before
            assert [await client.get(key) for key in KEYS] == [key.encode() for key in KEYS]  # MOVED

    run(main)


def test_a_server_of_another_authority_is_refused(certificates: Certificates, way: Callable[[Any], Any]) -> None:
    with pytest.raises(RedisClusterException, match="CERTIFICATE_VERIFY_FAILED"):
        way(redis.RedisCluster)(ssl_ca_certs=certificates.other_root)
