"""RESP by itself, in the manner of hiredis: `Reader` and `pack_command`, for programs with a transport of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis.exceptions import DataError, InvalidResponse, ResponseError

from respool import _resp
from respool._pack import Packer
from respool._resp import PushNotification

__all__ = ["PushNotification", "Reader", "pack_command"]


class Reader(_resp.Reader):
    """Makes RESP2 and RESP3 replies of bytes as they arrive; takes the place of `hiredis.Reader`.

        reader = respool.Reader(encoding="utf-8")
        reader.feed(b"$5\\r\\nhel")
        reader.gets()                   # False: there is more to come
        reader.feed(b"lo\\r\\n")
        reader.gets()                   # "hello"

    Parameters
    ----------
    protocolError : callable
        Makes the exception that `gets` raises for bytes that are no RESP, from a message;
        `redis.exceptions.InvalidResponse`.
    replyError : callable
        Makes the value for an error reply, from its text; `redis.exceptions.ResponseError`.
    encoding, errors : str or None
        How strings are decoded; without an encoding they are bytes.
    notEnoughData : object
        What `gets` returns while a reply is not complete.

    A RESP3 set is a list, as its elements need not be hashable. Raises TypeError if one of the first two parameters
    cannot be called, LookupError for an unknown encoding or error handler. Belongs to one thread at a time.
    """

    def __init__(
        self,
        protocolError: Callable[[str], Exception] = InvalidResponse,  # noqa: N803 - hiredis' names
        replyError: Callable[[str], Any] = ResponseError,  # noqa: N803
        encoding: str | None = None,
        errors: str | None = None,
        notEnoughData: Any = False,  # noqa: N803
    ) -> None:
        super().__init__(protocolError, replyError, encoding, errors, not_enough_data=notEnoughData)


pack_command = Packer(DataError).pack_command
