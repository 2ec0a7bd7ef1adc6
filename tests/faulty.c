/* Makes the n-th write below a folder fail, or kills the process there; for tests of what a full or failing disk does.
 *
 *   cc -shared -fPIC -o faulty.so faulty.c -ldl
 *   LD_PRELOAD=faulty.so FAULTY_ROOT=/store FAULTY_AT=17 FAULTY_ERRNO=28 command     (0: SIGKILL; -1: only count)
 *   FAULTY_COUNT=file: the number of writes is written there at the end
 *
 * Counted are the calls that change the disk: open for creation, write, pwrite, fsync, fdatasync, rename, unlink,
 * ftruncate, mkdir, symlink. A call that fails once goes on failing (a full disk does not mend itself).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static const char *root;
static size_t root_length;
static long at;
static int number;
static pid_t owner;

__attribute__((constructor)) static void begin(void) {
    root = getenv("FAULTY_ROOT");
    root_length = root ? strlen(root) : 0;
    at = getenv("FAULTY_AT") ? atol(getenv("FAULTY_AT")) : 0;
    number = getenv("FAULTY_ERRNO") ? atoi(getenv("FAULTY_ERRNO")) : -1;
    owner = getpid();
}

__attribute__((destructor)) static void end(void) {
    const char *name = getenv("FAULTY_COUNT");
    if (!name || getpid() != owner) return;
    root = NULL;
    FILE *file = fopen(name, "w");
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&calls));
    fclose(file);
}

/* For a fork of a process that has this library loaded: begin to count and fail here. */
void faulty_set(const char *below_here, long fails_at, int with) {
    root = strdup(below_here);
    root_length = strlen(root);
    at = fails_at;
    number = with;
    atomic_store(&calls, 0);
}

long faulty_count(void) {
    root = NULL;
    return atomic_load(&calls);
}

static int below(const char *path) {
    if (!root || !path) return 0;
    if (path[0] == '/') return strncmp(path, root, root_length) == 0;
    char here[4096];
    return getcwd(here, sizeof here) && strncmp(here, root, root_length) == 0;
}

static int below_fd(int fd) {
    if (!root) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return below(path);
}

static int fails(int counts) {
    if (!counts) return 0;
    long n = atomic_fetch_add(&calls, 1) + 1;
    if (number < 0 || !at || n < at) return 0;
    if (number == 0) kill(getpid(), SIGKILL);
    errno = number;
    return 1;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *b, size_t n) { REAL(write); return fails(below_fd(fd)) ? -1 : real(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { REAL(pwrite); return fails(below_fd(fd)) ? -1 : real(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { REAL(pwrite64); return fails(below_fd(fd)) ? -1 : real(fd, b, n, o); }
ssize_t writev(int fd, const struct iovec *v, int n) { REAL(writev); return fails(below_fd(fd)) ? -1 : real(fd, v, n); }
ssize_t sendfile(int o, int i, off_t *p, size_t n);
ssize_t sendfile64(int o, int i, off64_t *p, size_t n);
ssize_t sendfile(int o, int i, off_t *p, size_t n) { REAL(sendfile); return fails(below_fd(o)) ? -1 : real(o, i, p, n); }
ssize_t sendfile64(int o, int i, off64_t *p, size_t n) { REAL(sendfile64); return fails(below_fd(o)) ? -1 : real(o, i, p, n); }
int fsync(int fd) { REAL(fsync); return fails(below_fd(fd)) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return fails(below_fd(fd)) ? -1 : real(fd); }
int ftruncate(int fd, off_t n) { REAL(ftruncate); return fails(below_fd(fd)) ? -1 : real(fd, n); }
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64); return fails(below_fd(fd)) ? -1 : real(fd, n); }
int rename(const char *a, const char *b) { REAL(rename); return fails(below(b)) ? -1 : real(a, b); }
int unlink(const char *p) { REAL(unlink); return fails(below(p)) ? -1 : real(p); }
int mkdir(const char *p, mode_t m) { REAL(mkdir); return fails(below(p)) ? -1 : real(p, m); }
int symlink(const char *a, const char *b) { REAL(symlink); return fails(below(b)) ? -1 : real(a, b); }

#define OPEN(name)                                                                  \
    int name(const char *p, int f, ...) {                                           \
        REAL(name);                                                                 \
        mode_t m = 0;                                                               \
        if (f & (O_CREAT | __O_TMPFILE)) {                                          \
            va_list l;                                                              \
            va_start(l, f);                                                         \
            m = va_arg(l, mode_t);                                                  \
            va_end(l);                                                              \
        }                                                                           \
        return fails((f & O_CREAT) && below(p)) ? -1 : real(p, f, m);               \
    }
OPEN(open)
OPEN(open64)
