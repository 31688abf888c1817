"""What a pool counts and measures. Nothing here locks: the caller holds the pool's lock."""

from libc.math cimport frexp
from libc.string cimport memset

cdef extern from "_clock.h":
    double clock "respool_clock"() noexcept nogil


cdef enum Count:
    CHECKOUTS
    WAITED          # ... after standing in line
    TIMED_OUT       # callers who got none: time was over ...
    EXHAUSTED_ONES  # ... it was 0, and there was none
    SHED            # ... too many waited already
    TURNED_AWAY     # ... the pool was closed
    CREATED         # connections that were made
    DIAL_ERRORS     # connects that failed
    CLOSED_IDLE     # connections that were closed: idle for too long
    CLOSED_LIFETIME     # ... too old
    CLOSED_STALE    # ... found closed by the server, or with something unread, when they were idle
    CLOSED_ERROR    # ... after an error, or lost by their callers
    CLOSED_DIRTY    # ... given back in the middle of something
    CLOSED_FAILOVER     # ... to the wrong server by now
    CLOSED_DRAIN    # ... the pool was closed, drained, or made smaller
    COUNTS


cdef enum:
    BUCKETS = 112   # four to a doubling, from 1 microsecond to some minutes
    SHARE = 16      # one checkout in so many has its time taken


cdef struct Histogram:
    double sum      # seconds
    long long number
    long long counts[112]


cdef struct Meter:
    long long counts[15]
    Py_ssize_t peak     # most connections in use at once
    unsigned int dice
    Histogram wait      # of those who stood in line and were served
    Histogram hold      # of a sample of checkouts


cdef inline void forget(Meter *meter) noexcept:
    memset(meter, 0, sizeof(Meter))


cdef inline void add(Meter *meter, Count what) noexcept:
    meter.counts[<int>what] += 1


cdef inline void measure(Histogram *histogram, double seconds) noexcept:
    cdef int exponent = 0
    cdef double mantissa = frexp(seconds * 1e6, &exponent)
    cdef int bucket = (exponent - 1) * 4 + <int>((mantissa - 0.5) * 8.0)
    histogram.sum += seconds
    histogram.number += 1
    histogram.counts[0 if seconds < 1e-6 else bucket if bucket < BUCKETS else BUCKETS - 1] += 1


cdef inline bint is_sampled(Meter *meter) noexcept:
    """Whether this checkout is one of the sample: by a throw of dice, for a program may have a rhythm."""
    meter.dice = meter.dice * 1664525u + 1013904223u
    return meter.dice < 0xFFFFFFFFu // SHARE
