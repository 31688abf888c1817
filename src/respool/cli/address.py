"""URLs on the command line: what of them may be shown, and a client that says at once what is wrong with them."""

from __future__ import annotations

import re
import sys
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rich.console import Console
from rich.markup import escape

import respool

SECRET = re.compile(r"pass|user|secret|token|credential|key", re.IGNORECASE)
PATIENCE = 5.0  # seconds for a server to answer, where the URL says nothing else


def redacted(url: str) -> str:
    """The URL without user, password and other secrets; of one that cannot be read, nothing at all."""
    scheme, _, rest = url.partition("://")
    if scheme not in ("redis", "rediss", "unix"):
        return "(a URL that is not redis://, rediss:// or unix://)"
    secret, _, rest = rest.rpartition("@")  # a password that is not percent-encoded may hold any character
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        _ = parts.port
    except ValueError:
        return f"{scheme}://***"
    options = "&".join(
        f"{name}=***" if SECRET.search(name) else f"{name}={value}"
        for name, _, value in (option.partition("=") for option in parts.query.split("&") if option)
    )
    user = "***@" if secret else ""
    return f"{scheme}://{user}{parts.netloc}{parts.path}{'?' if options else ''}{options}"


def pool_at(url: str, **settings: object) -> respool.ConnectionPool:
    """A pool for this URL, whose connections try once. Raises ValueError, without the URL, if it cannot be read."""
    patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
    if url.startswith("unix:"):
        del patience["socket_connect_timeout"]
    try:
        return respool.ConnectionPool.from_url(url, **{"decode_responses": True, **patience, **settings})
    except TypeError as error:  # an option that connections do not know, or a value that cannot be meant
        raise ValueError(str(error)) from error


def reason(error: Exception) -> str:
    """Why a server cannot be used, in a sentence that shows no secret."""
    words = str(error).rstrip(".") or type(error).__name__
    if isinstance(error, redis.AuthenticationError):
        return f"it does not accept the user name and password ({words})."
    if isinstance(error, redis.exceptions.NoPermissionError):
        return f"this user is not allowed to do that ({words})."
    return f"{words}."


def complain(console: Console, url: str, error: Exception) -> int:
    """Say that the server at this URL cannot be used, and return the exit status for it."""
    sentence = f"The Redis at {redacted(url)} cannot be used: {reason(error)}"
    console.print(f"[red]{escape(sentence)}[/red]", highlight=False, soft_wrap=True)
    return 1


def consoles(as_json: bool) -> tuple[Console, Console]:
    """Where results go, and where the rest: beside JSON nothing else may stand."""
    return Console(), Console(stderr=True) if as_json else Console(file=sys.stdout)
