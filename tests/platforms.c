/* Uses all of _socket.h, so that compilers for other platforms look at it: make platforms */
#include "_socket.h"

int main(void) {
    respool_fd fd = (respool_fd)-1;
    char byte = 0;
    int error = 0;
    ptrdiff_t count = respool_peek(fd, &byte, &error);
    count += respool_receive(fd, &byte, 1, RESPOOL_KERNEL_TIMEOUTS, &error);
    count += respool_send(fd, &byte, 1, 1, &error);
    count += respool_wait(fd, 0, 0, &error);
    count += respool_kernel_timeout(fd, 1.5);
    return respool_now() == 0.0 || error == EAGAIN || error == EINTR || count > 0;
}
