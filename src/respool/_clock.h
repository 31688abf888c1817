/* Clocks that can be read without Python, also under a lock. */
#ifndef RESPOOL_CLOCK_H
#define RESPOOL_CLOCK_H

#ifdef _WIN32
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN     /* else it has sockets of its own, in the way of _socket.h */
#endif
#include <windows.h>
#else
#include <time.h>
#endif

/* What Python's time.monotonic() says, where that can be had without asking it; else a negative number. */
static inline double respool_now(void) {
#ifdef __linux__
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
#else
    return -1.0;
#endif
}

/* Seconds since some moment, for differences. */
static inline double respool_clock(void) {
#ifdef _WIN32
    LARGE_INTEGER ticks, a_second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&a_second);
    return (double)ticks.QuadPart / (double)a_second.QuadPart;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
#endif
}

#endif
