/* Preloaded into the daemon: fdatasync fails as a dying disk's would while the file $KALENDS_TEST_FAIL_SYNC exists, and does not
   return while the file $KALENDS_TEST_HANG_SYNC exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int file) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    const char *hang = getenv("KALENDS_TEST_HANG_SYNC");
    while (hang && access(hang, F_OK) == 0) usleep(10000);
    const char *trigger = getenv("KALENDS_TEST_FAIL_SYNC");
    if (trigger && access(trigger, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    return real(file);
}
