/* What a process asks of the disk for one database, written down in order, with what it answers over the network.

   Loaded before libc (LD_PRELOAD), it passes every call on and notes it afterwards: writes and cuts of a file with their
   bytes, files made, renamed and removed, and when a sync began and ended. An answer is noted before it is sent. One
   lock holds over a call and its note, so that the order of the notes is the order of what happened.

   RECORDED is the path of the database: files whose path begins with it, and its folder, are watched, but for the shared
   memory beside it (-shm), which no power cut leaves. RECORD names the file to write to. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 4096
#define MOST_OF_AN_ANSWER 4096
#define NEXT(name) ((__typeof__(&name))next(#name))

enum kind { OPENED = 1, WROTE, CUT, SYNC_BEGAN, SYNC_ENDED, REMOVED, RENAMED, ANSWERED };

struct note {
    uint32_t kind;
    uint32_t length; /* of what follows */
    uint64_t inode;
    uint64_t number; /* offset, size, whether it was made, or the number of the note of a sync's beginning */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;
static uint64_t notes = 0;
static char watched[PATH_MAX], folder[PATH_MAX];
static uint64_t inode_of[MOST_FILES]; /* 0: not watched */

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("RECORDED"), *to = getenv("RECORD");
    if (!path || !to || strlen(path) >= PATH_MAX) return;
    strcpy(watched, path);
    strcpy(folder, path);
    char *slash = strrchr(folder, '/');
    if (!slash) return;
    *slash = 0;
    record = NEXT(open)(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (record < 0) abort();
}

static int is_watched(const char *path) {
    if (record < 0 || !path) return 0;
    if (!strcmp(path, folder)) return 1;
    size_t length = strlen(path);
    return !strncmp(path, watched, strlen(watched)) && !(length > 4 && !strcmp(path + length - 4, "-shm"));
}

static uint64_t inode(int file) { return record >= 0 && file >= 0 && file < MOST_FILES ? inode_of[file] : 0; }

/* With the lock held. */
static uint64_t take_down(enum kind kind, uint64_t of, uint64_t number, const void *bytes, size_t length) {
    struct note head = {kind, (uint32_t)length, of, number};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, length}};
    if (NEXT(writev)(record, parts, 2) != (ssize_t)(sizeof head + length)) abort(); /* a gap would be a lie */
    return notes++;
}

static int opened(const char *path, int flags, int file, int was_there) {
    if (file < 0) return file;
    if (file >= MOST_FILES) abort();
    struct stat found;
    if (fstat(file, &found)) abort();
    inode_of[file] = found.st_ino;
    take_down(OPENED, found.st_ino, !was_there, path, strlen(path));
    if (flags & O_TRUNC) take_down(CUT, found.st_ino, 0, NULL, 0);
    return file;
}

#define OPENS(name, declared, path, call)                  \
    int name declared {                                    \
        mode_t mode = 0;                                   \
        if (flags & (O_CREAT | O_TMPFILE)) {               \
            va_list more;                                  \
            va_start(more, flags);                         \
            mode = va_arg(more, mode_t);                   \
            va_end(more);                                  \
        }                                                  \
        if (!is_watched(path)) return NEXT(name) call;     \
        pthread_mutex_lock(&lock);                         \
        int was_there = !access(path, F_OK);               \
        int file = opened(path, flags, NEXT(name) call, was_there); \
        pthread_mutex_unlock(&lock);                       \
        return file;                                       \
    }

OPENS(open, (const char *path, int flags, ...), path, (path, flags, mode))
OPENS(open64, (const char *path, int flags, ...), path, (path, flags, mode))
OPENS(openat, (int at, const char *path, int flags, ...), path, (at, path, flags, mode))
OPENS(openat64, (int at, const char *path, int flags, ...), path, (at, path, flags, mode))

int close(int file) {
    if (inode(file)) {
        pthread_mutex_lock(&lock);
        inode_of[file] = 0;
        pthread_mutex_unlock(&lock);
    }
    return NEXT(close)(file);
}

#define WRITES(name, type, declared, call, where)                                        \
    type name declared {                                                                 \
        if (!inode(file)) return NEXT(name) call;                                        \
        pthread_mutex_lock(&lock);                                                       \
        off64_t place = where;                                                           \
        type wrote = NEXT(name) call;                                                    \
        if (wrote > 0) take_down(WROTE, inode(file), (uint64_t)place, bytes, (size_t)wrote); \
        pthread_mutex_unlock(&lock);                                                     \
        return wrote;                                                                    \
    }

WRITES(write, ssize_t, (int file, const void *bytes, size_t length), (file, bytes, length), lseek64(file, 0, SEEK_CUR))
WRITES(pwrite, ssize_t, (int file, const void *bytes, size_t length, off_t at), (file, bytes, length, at), at)
WRITES(pwrite64, ssize_t, (int file, const void *bytes, size_t length, off64_t at), (file, bytes, length, at), at)

#define CUTS(name, type)                                                    \
    int name(int file, type size) {                                         \
        if (!inode(file)) return NEXT(name)(file, size);                    \
        pthread_mutex_lock(&lock);                                          \
        int failed = NEXT(name)(file, size);                                \
        if (!failed) take_down(CUT, inode(file), (uint64_t)size, NULL, 0);  \
        pthread_mutex_unlock(&lock);                                        \
        return failed;                                                      \
    }

CUTS(ftruncate, off_t)
CUTS(ftruncate64, off64_t)

#define SYNCS(name)                                                                   \
    int name(int file) {                                                              \
        uint64_t of = inode(file);                                                    \
        if (!of) return NEXT(name)(file);                                             \
        pthread_mutex_lock(&lock);                                                    \
        uint64_t since = take_down(SYNC_BEGAN, of, 0, NULL, 0);                       \
        pthread_mutex_unlock(&lock);                                                  \
        int failed = NEXT(name)(file);                                                \
        pthread_mutex_lock(&lock);                                                    \
        if (!failed) take_down(SYNC_ENDED, of, since, NULL, 0);                       \
        pthread_mutex_unlock(&lock);                                                  \
        return failed;                                                                \
    }

SYNCS(fsync)
SYNCS(fdatasync)

int unlink(const char *path) {
    if (!is_watched(path)) return NEXT(unlink)(path);
    pthread_mutex_lock(&lock);
    int failed = NEXT(unlink)(path);
    if (!failed) take_down(REMOVED, 0, 0, path, strlen(path));
    pthread_mutex_unlock(&lock);
    return failed;
}

int rename(const char *from, const char *to) {
    if (!is_watched(from) && !is_watched(to)) return NEXT(rename)(from, to);
    char both[2 * PATH_MAX + 1];
    int length = snprintf(both, sizeof both, "%s\n%s", from, to);
    pthread_mutex_lock(&lock);
    int failed = NEXT(rename)(from, to);
    if (!failed) take_down(RENAMED, 0, 0, both, (size_t)length);
    pthread_mutex_unlock(&lock);
    return failed;
}

static void answered(const void *bytes, size_t length) {
    if (record < 0) return;
    pthread_mutex_lock(&lock);
    take_down(ANSWERED, 0, 0, bytes, length < MOST_OF_AN_ANSWER ? length : MOST_OF_AN_ANSWER);
    pthread_mutex_unlock(&lock);
}

ssize_t send(int socket, const void *bytes, size_t length, int flags) {
    answered(bytes, length);
    return NEXT(send)(socket, bytes, length, flags);
}

ssize_t sendto(int socket, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    answered(bytes, length);
    return NEXT(sendto)(socket, bytes, length, flags, to, size);
}
