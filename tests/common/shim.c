/* What stands between the daemon and its machine in a test of faults (LD_PRELOAD): a wall clock that can be set, a kernel that knows
 * the time or not, a disk that takes long for an fsync, and a disk of which it is known what an fsync has made durable.
 *
 * FAULT_CONTROL  a file of one `struct control`, which the test writes and this reads at each call.
 * FAULT_LIVE     the folder on that disk.
 * FAULT_SHADOW   where durable content is kept: at each fsync of a file all of it, under its inode number; at each fsync of the
 *                folder its names, in `names`. So a name is durable only when the folder was synced, as POSIX has it.
 *
 * It must never make durable what was not asked to be, and never change what the daemon itself reads. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t wall_ms;    /* what the wall clock is ahead */
    int32_t synced;     /* 0: as the kernel says; 1: yes; 2: no */
    int32_t fsync_ms;   /* how long each fsync takes at least */
};

static const struct control none;
static const volatile struct control *control = &none;
static const char *live, *shadow;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("FAULT_CONTROL");
    live = getenv("FAULT_LIVE");
    shadow = getenv("FAULT_SHADOW");
    if (!path)
        return;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *map = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) {
        perror(path);
        abort();
    }
    control = map;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) {
        int64_t ahead = control->wall_ms;
        int64_t ns = time->tv_nsec + ahead % 1000 * 1000000;
        time->tv_sec += ahead / 1000 + (ns < 0 ? -1 : ns / 1000000000);
        time->tv_nsec = ns < 0 ? ns + 1000000000 : ns % 1000000000;
    }
    return result;
}

int adjtimex(struct timex *time)
{
    int state = syscall(SYS_adjtimex, time);
    if (control->synced == 1) {
        time->status &= ~STA_UNSYNC;
        return TIME_OK;
    }
    if (control->synced == 2) {
        time->status |= STA_UNSYNC;
        return TIME_ERROR;
    }
    return state;
}

/* Where an open file is; false where it is not on the disk that is watched. */
static int is_live(int file, char path[4096])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, 4095);
    if (length < 0 || !live)
        return 0;
    path[length] = 0;
    return strncmp(path, live, strlen(live)) == 0;
}

static void keep_names(const char *folder)
{
    char part[4096], whole[4096];
    snprintf(part, sizeof part, "%s/names.new", shadow);
    snprintf(whole, sizeof whole, "%s/names", shadow);
    FILE *names = fopen(part, "we");
    DIR *entries = opendir(folder);
    struct dirent *entry;
    while (names && entries && (entry = readdir(entries)))
        if (entry->d_type == DT_REG)
            fprintf(names, "%lu %s\n", (unsigned long)entry->d_ino, entry->d_name);
    if (entries)
        closedir(entries);
    if (names)
        fclose(names);
    rename(part, whole);
}

static void keep_content(const char *path, const struct stat *stat)
{
    char to[4096], chunk[65536];
    snprintf(to, sizeof to, "%s/%lu", shadow, (unsigned long)stat->st_ino);
    int in = open(path, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    off_t at = 0;
    ssize_t count;
    while ((count = pread(in, chunk, sizeof chunk, at)) > 0) {
        if (pwrite(out, chunk, count, at) != count)
            abort();
        at += count;
    }
    if (ftruncate(out, at) != 0)
        abort();
    close(in);
    close(out);
}

int fsync(int file)
{
    char path[4096];
    struct stat stat;
    if (control->fsync_ms > 0 && is_live(file, path))
        usleep(control->fsync_ms * 1000);
    if (shadow && is_live(file, path) && fstat(file, &stat) == 0) {
        if (S_ISDIR(stat.st_mode))
            keep_names(path);
        else
            keep_content(path, &stat);
    }
    return syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    return fsync(file);
}
