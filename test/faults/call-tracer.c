/*
 * Runs a program and stands between it and the disk: sees every system call that changes a file below a folder, in
 * every thread and child, whoever makes it (Bun's own calls, SQLite's, those through the foreign-function interface).
 * It numbers the calls and does with each what it is told:
 *
 *   call-tracer -u FOLDER [-u FOLDER] [-l LOG -d DATA] [-o OUTPUT] [-r] [-p] [-a NUMBER[+]:ACTION]... -- PROGRAM ARG...
 *
 *   -u  count calls on files below this folder      -r  count openings for reading too
 *   -l  write the calls that succeeded, one a line  -d  and the bytes that were written
 *   -o  the program's stdout and stderr             -p  stop at every call, as by `pause`
 *   -a  ACTION at this call, with `+` at it and all after it:
 *       before, torn, half, after   the process dies by SIGKILL before the call, when a byte or half of the bytes of
 *                                   the write are written, or when it is done
 *       a number                    the call fails with this error number; ENOSPC only where it needs room
 *       pause                       says `paused NUMBER CALL PATH [PATH]` and goes on when it reads a line
 *
 * Says in the end `acted NUMBER CALL PATH…` for the last call it acted on, then `calls COUNT` and `exit CODE`
 * (128 + signal). Bytes other than plain ASCII stand as %XX in paths. Linux on x86-64; needs no right but ptrace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define MOST_FOLDERS 8
#define MOST_ACTIONS 4096
#define MOST_THREADS 4096
#define PATH_ROOM 4200

typedef unsigned long long word;
typedef struct user_regs_struct registers;

enum action { NOTHING, BEFORE, TORN, HALF, AFTER, FAIL, PAUSE };
struct order { long number; int onward; enum action action; int error; };

/* A call under way in one thread. */
struct call {
  pid_t thread;
  long number;
  const char *name;
  char path[PATH_ROOM], second[PATH_ROOM];
  long long position; /* of a write; size of a truncate; mode or flags of others */
  word buffer, length;
  int is_write, is_open, is_vector, dies, used;
};

static const char *folders[MOST_FOLDERS];
static int folder_count, counts_reads, pauses_always;
static struct order orders[MOST_ACTIONS];
static int order_count;
static FILE *log_file, *data_file;
static long data_offset, call_count;
static struct call calls[MOST_THREADS];
static pid_t threads[MOST_THREADS];
static int thread_count;
static char acted[3 * PATH_ROOM];

static void die(const char *what) {
  perror(what);
  exit(125);
}

static struct call *call_of(pid_t thread) {
  struct call *free_one = NULL;
  for (int i = 0; i < MOST_THREADS; i++) {
    if (calls[i].used && calls[i].thread == thread) return &calls[i];
    if (!calls[i].used && free_one == NULL) free_one = &calls[i];
  }
  if (free_one == NULL) die("too many threads");
  return free_one;
}

static void kill_all(void) {
  for (int i = 0; i < thread_count; i++) kill(threads[i], SIGKILL);
}

static void remember(pid_t thread) {
  for (int i = 0; i < thread_count; i++)
    if (threads[i] == thread) return;
  if (thread_count == MOST_THREADS) die("too many threads");
  threads[thread_count++] = thread;
}

static void forget(pid_t thread) {
  for (int i = 0; i < thread_count; i++)
    if (threads[i] == thread) threads[i] = threads[--thread_count];
  for (int i = 0; i < MOST_THREADS; i++)
    if (calls[i].used && calls[i].thread == thread) calls[i].used = 0;
}

static size_t read_memory(pid_t thread, word from, void *to, size_t size) {
  struct iovec here = {to, size}, there = {(void *)from, size};
  ssize_t got = process_vm_readv(thread, &here, 1, &there, 1, 0);
  return got < 0 ? 0 : (size_t)got;
}

static void read_text(pid_t thread, word from, char *to, size_t room) {
  size_t done = 0;
  while (done + 1 < room) {
    /* Up to the end of the page: what follows may not be there. */
    size_t piece = 4096 - ((from + done) & 4095);
    if (piece > room - 1 - done) piece = room - 1 - done;
    size_t got = read_memory(thread, from + done, to + done, piece);
    if (got == 0) break;
    void *end = memchr(to + done, 0, got);
    done += got;
    if (end != NULL) return;
  }
  to[done] = 0;
}

static void link_target(char *to, const char *format, ...) {
  char name[64];
  va_list values;
  va_start(values, format);
  vsnprintf(name, sizeof name, format, values);
  va_end(values);
  ssize_t size = readlink(name, to, PATH_ROOM - 1);
  to[size < 0 ? 0 : size] = 0;
}

static void handle_path(pid_t thread, int handle, char *to) {
  link_target(to, "/proc/%d/fd/%d", thread, handle);
}

/* Takes out `.`, `..` and double slashes. */
static void normalize(char *path) {
  char result[PATH_ROOM] = "", *save = NULL;
  size_t size = 0;
  for (char *part = strtok_r(path, "/", &save); part != NULL; part = strtok_r(NULL, "/", &save)) {
    if (strcmp(part, ".") == 0) continue;
    if (strcmp(part, "..") == 0) {
      while (size > 0 && result[--size] != '/') {}
      result[size] = 0;
      continue;
    }
    size += (size_t)snprintf(result + size, sizeof result - size, "/%s", part);
    if (size >= sizeof result) size = sizeof result - 1;
  }
  strcpy(path, result);
}

static void full_path(pid_t thread, int folder, word name, char *to) {
  char text[PATH_ROOM], base[PATH_ROOM] = "", joined[2 * PATH_ROOM];
  read_text(thread, name, text, sizeof text);
  if (text[0] != '/') {
    if (folder == AT_FDCWD) link_target(base, "/proc/%d/cwd", thread);
    else handle_path(thread, folder, base);
  }
  if (text[0] == '/') snprintf(joined, sizeof joined, "%s", text);
  else snprintf(joined, sizeof joined, "%s/%s", base, text);
  joined[PATH_ROOM - 1] = 0;
  strcpy(to, joined);
  normalize(to);
}

static int is_below(const char *path) {
  for (int i = 0; i < folder_count; i++) {
    size_t size = strlen(folders[i]);
    if (strncmp(path, folders[i], size) == 0 && (path[size] == '/' || path[size] == 0)) return 1;
  }
  return 0;
}

static long long place_of_write(pid_t thread, int handle) {
  char name[64], line[128];
  long long position = -1, flags = 0;
  snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", thread, handle);
  FILE *info = fopen(name, "r");
  if (info == NULL) return -1;
  while (fgets(line, sizeof line, info) != NULL) {
    sscanf(line, "pos: %lld", &position);
    sscanf(line, "flags: %llo", (unsigned long long *)&flags);
  }
  fclose(info);
  if ((flags & O_APPEND) != 0) {
    struct stat found;
    snprintf(name, sizeof name, "/proc/%d/fd/%d", thread, handle);
    if (stat(name, &found) == 0) position = found.st_size;
  }
  return position;
}

/* Fills in what the call does. Returns 0 when it is none of ours. */
static int describe(pid_t thread, const registers *r, struct call *c) {
  memset(c, 0, offsetof(struct call, path));
  c->path[0] = c->second[0] = 0;
  c->position = 0;
  c->buffer = c->length = 0;
  c->is_write = c->is_open = c->is_vector = c->dies = 0;
  const int first = (int)r->rdi;
  int flags;
  switch (r->orig_rax) {
    case SYS_creat: flags = O_CREAT | O_WRONLY | O_TRUNC; full_path(thread, AT_FDCWD, r->rdi, c->path); goto opening;
    case SYS_open: flags = (int)r->rsi; full_path(thread, AT_FDCWD, r->rdi, c->path); goto opening;
    case SYS_openat: flags = (int)r->rdx; full_path(thread, first, r->rsi, c->path); goto opening;
    case SYS_openat2: {
      word how = 0;
      read_memory(thread, r->rdx, &how, sizeof how);
      flags = (int)how;
      full_path(thread, first, r->rsi, c->path);
    }
    opening:
      if (!counts_reads && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) == 0) return 0;
      c->name = (flags & O_TMPFILE) == O_TMPFILE ? "tmpfile" : "open";
      c->is_open = 1;
      c->position = flags & (O_CREAT | O_TRUNC | O_ACCMODE);
      break;
    case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev: case SYS_pwritev2:
      handle_path(thread, first, c->path);
      if (!is_below(c->path)) return 0;
      c->name = "write";
      c->is_write = 1;
      c->is_vector = r->orig_rax != SYS_write && r->orig_rax != SYS_pwrite64;
      c->buffer = r->rsi;
      c->length = r->rdx;
      c->position = r->orig_rax == SYS_write || r->orig_rax == SYS_writev || (long long)r->r10 == -1
                        ? place_of_write(thread, first)
                        : (long long)r->r10;
      break;
    case SYS_rename: c->name = "rename"; full_path(thread, AT_FDCWD, r->rdi, c->path); full_path(thread, AT_FDCWD, r->rsi, c->second); break;
    case SYS_renameat: case SYS_renameat2: c->name = "rename"; full_path(thread, first, r->rsi, c->path); full_path(thread, (int)r->rdx, r->r10, c->second);
      c->position = r->orig_rax == SYS_renameat2 ? (long long)r->r8 : 0; break;
    case SYS_link: c->name = "link"; full_path(thread, AT_FDCWD, r->rdi, c->path); full_path(thread, AT_FDCWD, r->rsi, c->second); break;
    case SYS_linkat: c->name = "link"; full_path(thread, first, r->rsi, c->path); full_path(thread, (int)r->rdx, r->r10, c->second); break;
    /* The target of the link stands as it is, then the place. */
    case SYS_symlink: c->name = "symlink"; full_path(thread, AT_FDCWD, r->rsi, c->path); read_text(thread, r->rdi, c->second, sizeof c->second); break;
    case SYS_symlinkat: c->name = "symlink"; full_path(thread, (int)r->rsi, r->rdx, c->path); read_text(thread, r->rdi, c->second, sizeof c->second); break;
    case SYS_unlink: c->name = "unlink"; full_path(thread, AT_FDCWD, r->rdi, c->path); break;
    case SYS_unlinkat: c->name = (r->rdx & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink"; full_path(thread, first, r->rsi, c->path); break;
    case SYS_rmdir: c->name = "rmdir"; full_path(thread, AT_FDCWD, r->rdi, c->path); break;
    case SYS_mkdir: c->name = "mkdir"; full_path(thread, AT_FDCWD, r->rdi, c->path); c->position = (long long)r->rsi; break;
    case SYS_mkdirat: c->name = "mkdir"; full_path(thread, first, r->rsi, c->path); c->position = (long long)r->rdx; break;
    case SYS_mknod: c->name = "mknod"; full_path(thread, AT_FDCWD, r->rdi, c->path); break;
    case SYS_mknodat: c->name = "mknod"; full_path(thread, first, r->rsi, c->path); break;
    case SYS_chmod: c->name = "chmod"; full_path(thread, AT_FDCWD, r->rdi, c->path); c->position = (long long)r->rsi; break;
    case SYS_fchmodat: case SYS_fchmodat2: c->name = "chmod"; full_path(thread, first, r->rsi, c->path); c->position = (long long)r->rdx; break;
    case SYS_fchmod: c->name = "chmod"; handle_path(thread, first, c->path); c->position = (long long)r->rsi; break;
    case SYS_truncate: c->name = "truncate"; full_path(thread, AT_FDCWD, r->rdi, c->path); c->position = (long long)r->rsi; break;
    case SYS_ftruncate: c->name = "truncate"; handle_path(thread, first, c->path); c->position = (long long)r->rsi; break;
    case SYS_utimensat: c->name = "utimes"; if (r->rsi == 0) handle_path(thread, first, c->path); else full_path(thread, first, r->rsi, c->path); break;
    case SYS_fallocate: c->name = "fallocate"; handle_path(thread, first, c->path); c->position = (long long)(r->rdx + r->r10); break;
    case SYS_fsync: case SYS_fdatasync: c->name = "fsync"; handle_path(thread, first, c->path); break;
    case SYS_syncfs: c->name = "syncfs"; handle_path(thread, first, c->path); break;
    case SYS_sendfile: c->name = "copy"; handle_path(thread, first, c->path); break;
    case SYS_copy_file_range: c->name = "copy"; handle_path(thread, (int)r->rdx, c->path); break;
    case SYS_ioctl: c->name = "clone"; handle_path(thread, first, c->path); break;
    case SYS_mmap: c->name = "mmap"; handle_path(thread, (int)r->r8, c->path); break;
    default: return 0;
  }
  return is_below(c->path) || (c->second[0] == '/' && is_below(c->second));
}

static void escape(const char *text, char *to) {
  for (; *text != 0; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte > 0x20 && byte < 0x7f && byte != '%') *to++ = (char)byte;
    else to += sprintf(to, "%%%02X", byte);
  }
  *to = 0;
}

static void print_call(FILE *to, const struct call *c) {
  static char text[3 * PATH_ROOM];
  fprintf(to, "%ld %s ", c->number, c->name);
  escape(c->path, text);
  fputs(text, to);
  if (c->second[0] != 0) {
    escape(c->second, text);
    fprintf(to, " %s", text);
  }
}

static void note_acted(const struct call *c) {
  FILE *to = fmemopen(acted, sizeof acted, "w");
  print_call(to, c);
  fclose(to);
}

/* The order of the paths for symlink is: place, target. */
static void log_call(struct call *c, long long result) {
  if (log_file == NULL || result < 0) return;
  static char first[3 * PATH_ROOM], second[3 * PATH_ROOM];
  long size = 0;
  if (c->is_write) {
    struct iovec pieces[1024] = {{(void *)c->buffer, c->length}};
    word count = 1;
    if (c->is_vector) {
      count = c->length > 1024 ? 1024 : c->length;
      read_memory(c->thread, c->buffer, pieces, count * sizeof *pieces);
    }
    for (word i = 0; i < count && size < result; i++) {
      size_t want = pieces[i].iov_len;
      if (want > (size_t)(result - size)) want = (size_t)(result - size);
      char *bytes = malloc(want == 0 ? 1 : want);
      if (read_memory(c->thread, (word)pieces[i].iov_base, bytes, want) != want) die("read of what was written");
      fwrite(bytes, 1, want, data_file);
      free(bytes);
      size += (long)want;
    }
  }
  escape(c->path, first);
  escape(c->second, second);
  fprintf(log_file, "%ld\t%s\t%lld\t%ld\t%ld\t%s\t%s\n", c->number, c->name, c->position, data_offset, size, first, second);
  data_offset += size;
}

static const struct order *order_for(long number) {
  for (int i = 0; i < order_count; i++)
    if (orders[i].number == number || (orders[i].onward && number >= orders[i].number)) return &orders[i];
  return NULL;
}

static int needs_room(const struct call *c) {
  if (c->is_open) return (c->position & O_CREAT) != 0 && access(c->path, F_OK) != 0;
  return strchr("wmslf", c->name[0]) != NULL && strcmp(c->name, "fsync") != 0 && strcmp(c->name, "syncfs") != 0;
}

static void pause_at(const struct call *c) {
  char line[16];
  printf("paused ");
  print_call(stdout, c);
  putchar('\n');
  fflush(stdout);
  if (fgets(line, sizeof line, stdin) == NULL) pauses_always = 0;
}

/* At the entry of a call. Returns how to go on. */
static int enter(pid_t thread) {
  registers r;
  if (ptrace(PTRACE_GETREGS, thread, NULL, &r) != 0) return PTRACE_CONT;
  struct call *c = call_of(thread);
  if (!describe(thread, &r, c)) return PTRACE_CONT;
  c->thread = thread;
  c->number = ++call_count;
  const struct order *order = order_for(c->number);
  if (order == NULL) {
    if (pauses_always) pause_at(c);
    c->used = log_file != NULL;
    return c->used ? PTRACE_SYSCALL : PTRACE_CONT;
  }
  if (order->action == FAIL && order->error == ENOSPC && !needs_room(c)) return PTRACE_CONT;
  note_acted(c);
  switch (order->action) {
    case BEFORE:
      r.orig_rax = (word)-1;
      ptrace(PTRACE_SETREGS, thread, NULL, &r);
      kill_all();
      return PTRACE_CONT;
    case TORN: case HALF:
      if (c->is_write && c->length > 1) {
        r.rdx = order->action == TORN ? 1 : c->length / 2;
        ptrace(PTRACE_SETREGS, thread, NULL, &r);
      }
      /* fall through */
    case AFTER:
      c->used = c->dies = 1;
      return PTRACE_SYSCALL;
    case FAIL:
      r.orig_rax = (word)-1;
      r.rax = (word)-order->error;
      ptrace(PTRACE_SETREGS, thread, NULL, &r);
      return PTRACE_CONT;
    case PAUSE:
      pause_at(c);
      /* fall through */
    default:
      c->used = log_file != NULL;
      return c->used ? PTRACE_SYSCALL : PTRACE_CONT;
  }
}

static void leave(pid_t thread) {
  struct call *c = call_of(thread);
  if (!c->used) return;
  c->used = 0;
  if (c->dies) {
    kill_all();
    return;
  }
  registers r;
  if (ptrace(PTRACE_GETREGS, thread, NULL, &r) == 0) log_call(c, (long long)r.rax);
}

#define TRACE(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE)
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (n))

static void filter_calls(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      TRACE(SYS_creat), TRACE(SYS_open), TRACE(SYS_openat2), TRACE(SYS_write), TRACE(SYS_pwrite64), TRACE(SYS_writev),
      TRACE(SYS_pwritev), TRACE(SYS_pwritev2), TRACE(SYS_rename), TRACE(SYS_renameat), TRACE(SYS_renameat2),
      TRACE(SYS_link), TRACE(SYS_linkat), TRACE(SYS_symlink), TRACE(SYS_symlinkat), TRACE(SYS_unlink),
      TRACE(SYS_unlinkat), TRACE(SYS_rmdir), TRACE(SYS_mkdir), TRACE(SYS_mkdirat), TRACE(SYS_mknod),
      TRACE(SYS_mknodat), TRACE(SYS_chmod), TRACE(SYS_fchmodat), TRACE(SYS_fchmodat2), TRACE(SYS_fchmod),
      TRACE(SYS_truncate), TRACE(SYS_ftruncate), TRACE(SYS_utimensat), TRACE(SYS_fallocate), TRACE(SYS_fsync),
      TRACE(SYS_fdatasync), TRACE(SYS_syncfs), TRACE(SYS_sendfile), TRACE(SYS_copy_file_range),
      /* A ring of requests would pass by us; whoever asks for one is told that there is none. */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      /* FICLONE */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40049409, 10, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      /* Openings that may change something. */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, counts_reads ? 0xffffffff : O_ACCMODE | O_CREAT | O_TRUNC, 6, 5),
      /* Memory that is a file. */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_WRITE, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(3)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("no_new_privs");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) die("seccomp");
}

static void add_order(char *text) {
  static const struct { const char *word; enum action action; } words[] = {
      {"before", BEFORE}, {"torn", TORN}, {"half", HALF}, {"after", AFTER}, {"pause", PAUSE}};
  char *rest;
  struct order order = {strtol(text, &rest, 10), 0, FAIL, 0};
  if (*rest == '+') {
    order.onward = 1;
    rest++;
  }
  if (*rest++ != ':' || order_count == MOST_ACTIONS) die("-a");
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(rest, words[i].word) == 0) order.action = words[i].action;
  if (order.action == FAIL) order.error = atoi(rest);
  orders[order_count++] = order;
}

int main(int count, char **values) {
  const char *output = NULL;
  int option;
  while ((option = getopt(count, values, "+u:l:d:o:a:rp")) != -1) {
    if (option == 'u' && folder_count < MOST_FOLDERS) folders[folder_count++] = optarg;
    else if (option == 'l') log_file = fopen(optarg, "w");
    else if (option == 'd') data_file = fopen(optarg, "w");
    else if (option == 'o') output = optarg;
    else if (option == 'a') add_order(optarg);
    else if (option == 'r') counts_reads = 1;
    else if (option == 'p') pauses_always = 1;
    else return 125;
  }
  pid_t child = fork();
  if (child == 0) {
    int null = open("/dev/null", O_RDONLY);
    int out = open(output == NULL ? "/dev/null" : output, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(null, 0);
    dup2(out, 1);
    dup2(out, 2);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) die("ptrace");
    raise(SIGSTOP);
    filter_calls();
    execvp(values[optind], values + optind);
    die(values[optind]);
  }
  int status;
  waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return 125;
  const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                       PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;
  if (ptrace(PTRACE_SETOPTIONS, child, NULL, options) != 0) die("ptrace options");
  remember(child);
  ptrace(PTRACE_CONT, child, NULL, NULL);
  int code = 125;
  for (pid_t thread; (thread = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) {
      forget(thread);
      if (thread == child) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      continue;
    }
    remember(thread);
    const int event = status >> 16, stop = WSTOPSIG(status);
    int how = PTRACE_CONT, deliver = 0;
    if (event == PTRACE_EVENT_SECCOMP) how = enter(thread);
    else if (stop == (SIGTRAP | 0x80)) leave(thread);
    /* A new thread begins with a stop of its own. */
    else if (event == 0 && stop != SIGSTOP) deliver = stop;
    ptrace(how, thread, NULL, deliver);
  }
  if (acted[0] != 0) printf("acted %s\n", acted);
  printf("calls %ld\nexit %d\n", call_count, code);
  if (log_file != NULL) fclose(log_file);
  if (data_file != NULL) fclose(data_file);
  return 0;
}
