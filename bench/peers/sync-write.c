/*
 * The ceiling of durable writing: appends the same bytes again and again, each time followed by fdatasync.
 *
 * usage: sync-write <file> <file with the bytes> <seconds> <growing|preallocated>
 * Preallocated: 1 GiB is written and synced first, so that a write changes no metadata. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PREALLOCATED_BYTES = 1 << 30, PIECE_BYTES = 1 << 20, BATCH_BYTES_MAX = 64 << 20 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void write_all(int fd, const char *bytes, size_t count, off_t at) {
  while (count > 0) {
    ssize_t n = pwrite(fd, bytes, count, at);
    if (n < 0) die("pwrite");
    bytes += n;
    count -= (size_t)n;
    at += n;
  }
}

int main(int count, char **words) {
  if (count != 5) return fprintf(stderr, "usage: sync-write file bytes seconds growing|preallocated\n"), 2;
  int is_preallocated = strcmp(words[4], "preallocated") == 0;
  char *batch = malloc(BATCH_BYTES_MAX);
  FILE *source = fopen(words[2], "rb");
  if (source == NULL) die(words[2]);
  size_t bytes = fread(batch, 1, BATCH_BYTES_MAX, source);
  fclose(source);
  int fd = open(words[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) die(words[1]);
  if (is_preallocated) {
    char *piece = calloc(1, PIECE_BYTES);
    for (off_t at = 0; at < PREALLOCATED_BYTES; at += PIECE_BYTES) write_all(fd, piece, PIECE_BYTES, at);
    if (fsync(fd) < 0) die("fsync");
  }
  double began = now(), until = began + atof(words[3]), at = began;
  off_t place = 0;
  long commits = 0;
  while (at < until) {
    if (is_preallocated && place + (off_t)bytes > PREALLOCATED_BYTES) place = 0;
    write_all(fd, batch, bytes, place);
    if (fdatasync(fd) < 0) die("fdatasync");
    place += (off_t)bytes;
    commits++;
    at = now();
  }
  printf("{\"commits\":%ld,\"bytes\":%zu,\"seconds\":%.4f}\n", commits, bytes, at - began);
  unlink(words[1]);
  return 0;
}
