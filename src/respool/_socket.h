/* What differs between platforms in talking to a socket by its descriptor.
 *
 * Every function returns a count, or -1 and the error's number in *error, which is one of the platform's own
 * except that "it would have to wait" is always EAGAIN and "a signal came" always EINTR.
 */
#ifndef RESPOOL_SOCKET_H
#define RESPOOL_SOCKET_H

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <time.h>

#define RESPOOL_READ 1
#define RESPOOL_WRITE 2

#ifdef _WIN32

#include <winsock2.h>

typedef SOCKET respool_fd;
#define RESPOOL_KERNEL_TIMEOUTS 0   /* after one a socket is in no known state */

static inline int respool_error(void) {
    int error = WSAGetLastError();
    return error == WSAEWOULDBLOCK ? EAGAIN : error == WSAEINTR ? EINTR : error;
}

/* There is no flag for a single call that must not wait, so ask before. */
static inline int respool_ready(respool_fd fd, short events, int milliseconds) {
    WSAPOLLFD poll_fd;
    poll_fd.fd = fd;
    poll_fd.events = events;
    poll_fd.revents = 0;
    return WSAPoll(&poll_fd, 1, milliseconds);
}

static inline ptrdiff_t respool_peek(respool_fd fd, char *byte, int *error) {
    int count = respool_ready(fd, POLLRDNORM, 0);
    if (count == 0) {
        *error = EAGAIN;
        return -1;
    }
    count = count < 0 ? -1 : recv(fd, byte, 1, MSG_PEEK);
    *error = count < 0 ? respool_error() : 0;
    return count;
}

static inline ptrdiff_t respool_receive(respool_fd fd, char *data, size_t size, int wait, int *error) {
    int count = wait ? 1 : respool_ready(fd, POLLRDNORM, 0);
    if (count == 0) {
        *error = EAGAIN;
        return -1;
    }
    count = count < 0 ? -1 : recv(fd, data, size > INT_MAX ? INT_MAX : (int)size, 0);
    *error = count < 0 ? respool_error() : 0;
    return count;
}

static inline ptrdiff_t respool_send(respool_fd fd, const char *data, size_t size, int more, int *error) {
    int count = respool_ready(fd, POLLWRNORM, 0);
    (void)more;
    if (count == 0) {
        *error = EAGAIN;
        return -1;
    }
    count = count < 0 ? -1 : send(fd, data, size > INT_MAX ? INT_MAX : (int)size, 0);
    *error = count < 0 ? respool_error() : 0;
    return count;
}

static inline int respool_wait(respool_fd fd, int what, int milliseconds, int *error) {
    short events = (what & RESPOOL_READ ? POLLRDNORM : 0) | (what & RESPOOL_WRITE ? POLLWRNORM : 0);
    int count = respool_ready(fd, events, milliseconds);
    *error = count < 0 ? respool_error() : 0;
    return count;
}

static inline int respool_kernel_timeout(respool_fd fd, double seconds) {
    (void)fd;
    (void)seconds;
    return -1;
}

#else

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

typedef int respool_fd;
#define RESPOOL_KERNEL_TIMEOUTS 1

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0              /* macOS; Python ignores SIGPIPE anyway */
#endif
#ifndef MSG_MORE
#define MSG_MORE 0                  /* Linux's own */
#endif

static inline int respool_error(void) {
    return errno == EWOULDBLOCK ? EAGAIN : errno;
}

/* The next byte, which stays where it is. */
static inline ptrdiff_t respool_peek(respool_fd fd, char *byte, int *error) {
    ptrdiff_t count;
    do {
        count = recv(fd, byte, 1, MSG_PEEK | MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);  /* it waits for nothing, and so a signal can wait for it */
    *error = count < 0 ? respool_error() : 0;
    return count;
}

/* With `wait`: as long as the socket's own time-out, if it is a blocking one. */
static inline ptrdiff_t respool_receive(respool_fd fd, char *data, size_t size, int wait, int *error) {
    ptrdiff_t count = recv(fd, data, size, wait ? 0 : MSG_DONTWAIT);
    *error = count < 0 ? respool_error() : 0;
    return count;
}

/* As much as can be sent without waiting. With `more`: the rest of the command follows at once. */
static inline ptrdiff_t respool_send(respool_fd fd, const char *data, size_t size, int more, int *error) {
    ptrdiff_t count = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    *error = count < 0 ? respool_error() : 0;
    return count;
}

/* Whether the socket can be read, or written, or either, within so many milliseconds; negative: for ever. */
static inline int respool_wait(respool_fd fd, int what, int milliseconds, int *error) {
    struct pollfd poll_fd;
    int count;
    poll_fd.fd = fd;
    poll_fd.events = (what & RESPOOL_READ ? POLLIN : 0) | (what & RESPOOL_WRITE ? POLLOUT : 0);
    poll_fd.revents = 0;
    count = poll(&poll_fd, 1, milliseconds);
    *error = count < 0 ? respool_error() : 0;
    return count;
}

/* Let a receive that waits do so in the kernel, for so many seconds (0: for ever): one system call instead of two.
 * Returns -1 if that cannot be had. */
static inline int respool_kernel_timeout(respool_fd fd, double seconds) {
    struct timeval timeout;
    int flags = fcntl(fd, F_GETFL);
    timeout.tv_sec = (time_t)seconds;
    timeout.tv_usec = (suseconds_t)((seconds - (double)timeout.tv_sec) * 1e6);
    if (seconds > 0 && timeout.tv_sec == 0 && timeout.tv_usec == 0) {
        timeout.tv_usec = 1;
    }
    if (flags < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0) {
        return -1;
    }
    return flags & O_NONBLOCK ? fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) : 0;
}

#endif

#include "_clock.h"

#endif
