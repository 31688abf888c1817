"""Tests of redis-py that pass with its own classes and fail with respool's on purpose: the reason, and the node ids.

One without parameters stands for all of them. Each has to be seen: one that passes is an error of `make conformance`,
so that the list stays short.
"""

POOLS = "tests/test_connection_pool.py::"
PUSHES = (
    "tests/maint_notifications/test_maint_notifications_handling.py::TestMaintenanceNotificationsHandlingSingleProxy::"
)
ASYNC_PUSHES = "tests/maint_notifications/test_async_maint_notifications_handling.py::"
SENTINEL = "tests/test_sentinel_managed_connection.py::TestSentinelManagedConnectionReadResponseTimeout::"

ASYNC = "tests/test_asyncio/"
ASYNC_POOLS = f"{ASYNC}test_connection_pool.py::"
ASYNC_METRICS = f"{ASYNC_POOLS}TestAsyncConnectionPoolMetricsRecording::"
ASYNC_CREDENTIALS = f"{ASYNC}test_credentials.py::"

DIFFERENCES: dict[str, tuple[str, ...]] = {
    "The test drops what get_connection() returned and expects it to stay in use; here a lost connection comes back.": (
        f"{POOLS}TestConnectionPool::test_max_connections",
        f"{POOLS}TestBlockingConnectionPool::test_connection_pool_blocks_until_timeout",
        "tests/test_max_connections_error.py::test_connection_pool_raises_max_connections_error",
        f"{ASYNC_POOLS}TestConnectionPool::test_max_connections",
        f"{ASYNC_POOLS}TestRedisAutoReleaseConnectionPool::test_auto_release_override_true_manual_created_pool",
    ),
    "The test puts mocks into the queue of a blocking pool, which is only there to be looked at.": (
        "tests/test_connection.py::TestBlockingConnectionPoolGetConnectionCount::"
        "test_get_connection_count_with_connections_in_queue",
        f"{PUSHES}test_pool_get_connection_handles_pending_push_after_reconnect[True-False-BlockingConnectionPool]",
        f"{PUSHES}test_pool_get_connection_handles_pending_push_after_reconnect[False-True-BlockingConnectionPool]",
    ),
    "The test counts the closings of a mock; a connection that was not ready is closed once more as it goes back.": (
        f"{PUSHES}test_pool_get_connection_handles_pending_push_after_reconnect[False-True-ConnectionPool]",
    ),
    "The test counts how often a release takes the pool's lock; here none is needed.": (
        f"{ASYNC_PUSHES}test_blocking_pool_locks_get_only_during_maintenance",
    ),
    "The test replaces read_response of the first base class of SentinelManagedConnection, which is another here.": (
        f"{SENTINEL}test_read_response_accepts_timeout_parameter",
        f"{SENTINEL}test_read_response_timeout_default_is_sentinel",
        f"{SENTINEL}test_read_response_timeout_none_passed_through",
        f"{SENTINEL}test_read_response_timeout_zero_passed_through",
    ),
    "The test switches tracking on and relies on the same connection for the next command; here it is closed.": (
        "tests/test_cluster.py::TestClusterRedisCommands::test_client_tracking",
    ),
    "Before redis-py 8 the test authenticates by one command for the next; here that connection is closed.": (
        "tests/test_commands.py::TestRedisCommands::test_auth",
    ),
    "The test replaces a method of the buffer of redis-py's Python parser.": (
        "tests/test_connection.py::test_invalid_response",
    ),
    "The test gives redis-py's Python parser a stream of nonsense, and looks for the words that it has for that.": (
        f"{ASYNC}test_connection.py::test_invalid_response",
    ),
    "The test replaces read_response of redis-py's parsers.": (
        f"{ASYNC}test_pubsub.py::TestBaseException::test_base_exception",
    ),
    "The test expects a warning when a connection is collected; here lost connections are closed quietly.": (
        f"{ASYNC}test_connection.py::test_connection_garbage_collection",
    ),
    "The test replaces redis-py's recorders where its pools look them up; ours report while metrics are on.": (
        f"{ASYNC_METRICS}test_connection_pool_records_create_time_on_new_connection",
        f"{ASYNC_METRICS}test_blocking_connection_pool_records_create_time_and_wait_time",
        f"{ASYNC_METRICS}test_blocking_connection_pool_records_only_wait_time_for_existing_connection",
    ),
    "The test authenticates by one command for the next; here that connection is closed.": (
        "tests/test_credentials.py::TestCredentialsProvider::test_only_pass_without_creds_provider",
        "tests/test_credentials.py::TestUsernamePasswordCredentialProvider::test_user_pass_provider_only_password",
        f"{ASYNC_CREDENTIALS}TestCredentialsProvider::test_only_pass_without_creds_provider[pool]",
        f"{ASYNC_CREDENTIALS}TestCredentialsProvider::test_credential_provider_with_supplier[pool-None]",
        f"{ASYNC_CREDENTIALS}TestUsernamePasswordCredentialProvider::test_user_pass_provider_only_password[pool]",
    ),
    "The test wants a short memoryview as a chunk of its own; here it is copied, which is faster.": (
        f"{ASYNC}test_encoding.py::TestMemoryviewsAreNotPacked::test_memoryviews_are_not_packed",
    ),
    "The test compares the name of the class.": (
        f"{ASYNC}test_sentinel.py::test_repr_correctly_represents_connection_object",
    ),
    "hiredis raises TypeError for what cannot be packed; here it is redis.DataError, as from redis-py.": (
        "test_pack.py::test_wrong_type",
    ),
}
