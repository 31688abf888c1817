"""A plugin for hiredis-py's tests: what they import as hiredis is respool."""

import sys
import types

import redis

import respool

sys.modules["hiredis"] = hiredis = types.ModuleType("hiredis")
vars(hiredis).update(
    Reader=respool.Reader,
    PushNotification=respool.PushNotification,
    ProtocolError=redis.exceptions.InvalidResponse,
    ReplyError=redis.exceptions.ResponseError,
    pack_command=respool.pack_command,
)
