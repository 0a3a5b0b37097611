/* Preloaded into the daemon: while the file $KALENDS_TEST_FAIL_CALLS exists, one in so many calls fails as the number in that file
   says, with EIO or ENOSPC, if it changes a file below the folder $KALENDS_TEST_FAIL_BELOW; a write may be cut short instead. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_ulong calls;

static unsigned long throw_dice(void) {
    unsigned long z = (atomic_fetch_add(&calls, 1) + (unsigned long)getpid() * 7919) * 0x9e3779b97f4a7c15ul;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ul;
    return (z ^ (z >> 27)) * 0x94d049bb133111ebul >> 16;
}

/* 0: goes through, 1: fails, 2: is cut short. */
static int verdict(const char *path) {
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    const char *trigger = getenv("KALENDS_TEST_FAIL_CALLS"), *below = getenv("KALENDS_TEST_FAIL_BELOW");
    if (!trigger || !below || !path) return 0;
    int before = errno, file = real_open(trigger, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        errno = before;
        return 0;
    }
    char text[16] = {0};
    long one_in = read(file, text, sizeof text - 1) > 0 ? atol(text) : 0;
    close(file);
    errno = before;
    if (one_in <= 0 || strncmp(path, below, strlen(below)) != 0) return 0;
    unsigned long number = throw_dice();
    if (number % (unsigned long)one_in != 0) return 0;
    errno = (number >> 20) % 3 == 0 ? ENOSPC : EIO;
    return (number >> 24) % 4 == 0 ? 2 : 1;
}

static int verdict_of(int file) {
    char name[32], path[4096] = {0};
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    int before = errno;
    if (readlink(name, path, sizeof path - 1) < 0) {
        errno = before;
        return 0;
    }
    return verdict(path);
}

/* A relative path is relative to the folder below which calls fail. */
static int verdict_of_name(const char *name) {
    return name && name[0] == '/' ? verdict(name) : verdict(getenv("KALENDS_TEST_FAIL_BELOW"));
}

ssize_t write(int file, const void *bytes, size_t count) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    int says = file > 2 ? verdict_of(file) : 0;
    if (says == 1) return -1;
    return real(file, bytes, says == 2 && count > 1 ? count / 2 : count);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) {
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite64");
    int says = verdict_of(file);
    if (says == 1) return -1;
    return real(file, bytes, says == 2 && count > 1 ? count / 2 : count, offset);
}

int fsync(int file) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    return verdict_of(file) ? -1 : real(file);
}

int fdatasync(int file) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    return verdict_of(file) ? -1 : real(file);
}

int ftruncate64(int file, off_t length) {
    int (*real)(int, off_t) = dlsym(RTLD_NEXT, "ftruncate64");
    return verdict_of(file) ? -1 : real(file, length);
}

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    return verdict_of_name(to) ? -1 : real(from, to);
}

int unlink(const char *name) {
    int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
    return verdict_of_name(name) ? -1 : real(name);
}

int open64(const char *name, int flags, ...) {
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if ((flags & O_CREAT) && verdict_of_name(name)) return -1;
    return real(name, flags, mode);
}
