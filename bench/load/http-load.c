/*
 * A closed-loop HTTP/1.1 load generator in its own process: every connection sends the same request as soon as the last
 * answer is complete. Every answer is checked: its status, and a piece of text that its body must hold. A connection that
 * the server closes is opened again.
 *
 * usage: http-load <IPv4> <port> <connections> <warm-up s> <measured s> <request file> <status> <text>
 * Prints one line of JSON: answers and errors of the measured time, all good answers, latencies in milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 8 << 20, SAMPLES_MAX = 4000000 };

struct connection {
  int fd;
  size_t sent, got;
  double began;
  int is_idle;
  char answer[ANSWER_MAX + 1];
};

static struct sockaddr_in server;
static char *request, *wanted_text;
static size_t request_bytes;
static int wanted_status, poll_fd;
static float *samples;
static size_t sample_count, errors, good_total;
static char first_error[200];
static double measure_from, measure_to;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void fault(const char *what, const char *detail) {
  errors++;
  if (first_error[0] != 0) return;
  snprintf(first_error, sizeof first_error, "%s: %.120s", what, detail);
  for (char *c = first_error; *c != 0; c++)
    if (*c == '"' || *c == '\\' || (unsigned char)*c < 32) *c = ' ';
}

static void watch(struct connection *c, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (epoll_ctl(poll_fd, operation, c->fd, &event) < 0) die("epoll_ctl");
}

static void send_more(struct connection *c) {
  while (c->sent < request_bytes) {
    ssize_t n = send(c->fd, request + c->sent, request_bytes - c->sent, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINPROGRESS)) return;
    if (n < 0) return; /* the reading side sees the end of the connection */
    c->sent += n;
  }
}

static void connect_anew(struct connection *c) {
  int one = 1;
  if (c->fd >= 0) close(c->fd);
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) die("socket");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(c->fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) die("connect");
  watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT | EPOLLET);
}

static void start_request(struct connection *c) {
  c->sent = c->got = 0;
  c->began = now();
  c->is_idle = c->began >= measure_to;
  if (!c->is_idle) send_more(c);
}

/* Where the answer ends, 0 when that is not known yet, or known only by the end of the connection. */
static size_t answer_end(struct connection *c, int *closes) {
  char *body = memmem(c->answer, c->got, "\r\n\r\n", 4);
  if (body == NULL) return 0;
  body += 4;
  long length = -1;
  for (char *line = c->answer; line < body; line = strstr(line, "\r\n") + 2) {
    if (strncasecmp(line, "content-length:", 15) == 0) length = strtol(line + 15, NULL, 10);
    if (strncasecmp(line, "connection: close", 17) == 0) *closes = 1;
  }
  if (length < 0) return 0;
  size_t end = (size_t)(body - c->answer) + length;
  return c->got >= end ? end : 0;
}

static void take_answer(struct connection *c, size_t end) {
  double at = now();
  c->answer[end] = 0;
  if (atoi(c->answer + 9) != wanted_status) fault("status", c->answer);
  else if (memmem(c->answer, end, wanted_text, strlen(wanted_text)) == NULL) fault("body", c->answer);
  else {
    good_total++;
    if (at >= measure_from && at < measure_to && sample_count < SAMPLES_MAX)
      samples[sample_count++] = (float)((at - c->began) * 1e3);
  }
}

static void read_some(struct connection *c) {
  for (;;) {
    ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX - c->got, 0);
    if (n < 0 && errno == EAGAIN) return;
    int closes = n <= 0;
    if (n > 0) c->got += n;
    c->answer[c->got] = 0;
    size_t end = answer_end(c, &closes);
    if (end == 0 && n <= 0 && c->got > 0) end = c->got;
    if (end == 0 && n > 0 && c->got < ANSWER_MAX) continue;
    if (end > 0) take_answer(c, end);
    else if (c->got >= ANSWER_MAX) fault("an answer is too long", c->answer), closes = 1;
    if (closes) connect_anew(c), c->sent = c->got = 0;
    start_request(c);
    if (closes || c->is_idle) return;
  }
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

int main(int count, char **words) {
  if (count != 9) return fprintf(stderr, "usage: http-load ip port connections warm-up measured file status text\n"), 2;
  server.sin_family = AF_INET;
  server.sin_port = htons((uint16_t)atoi(words[2]));
  if (inet_pton(AF_INET, words[1], &server.sin_addr) != 1) return 2;
  int connections = atoi(words[3]);
  FILE *file = fopen(words[6], "rb");
  if (file == NULL) die(words[6]);
  request = malloc(1 << 20);
  request_bytes = fread(request, 1, 1 << 20, file);
  fclose(file);
  wanted_status = atoi(words[7]);
  wanted_text = words[8];
  samples = malloc(SAMPLES_MAX * sizeof *samples);
  poll_fd = epoll_create1(0);
  measure_from = now() + atof(words[4]);
  measure_to = measure_from + atof(words[5]);
  struct connection *all = calloc((size_t)connections, sizeof *all);
  for (int i = 0; i < connections; i++) {
    all[i].fd = -1;
    connect_anew(&all[i]);
    start_request(&all[i]);
  }
  struct epoll_event events[256];
  for (;;) {
    int ready = epoll_wait(poll_fd, events, 256, 200);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      if (c->is_idle) continue;
      if (events[i].events & EPOLLOUT) send_more(c);
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_some(c);
    }
    /* Answers under way are waited for, so that they can be counted against the events of the trail. */
    double at = now();
    int busy = 0;
    for (int i = 0; i < connections; i++) busy += !all[i].is_idle;
    if (at >= measure_to && (busy == 0 || at > measure_to + 10)) break;
  }
  qsort(samples, sample_count, sizeof *samples, by_value);
  double p50 = sample_count ? samples[sample_count / 2] : 0, p99 = sample_count ? samples[sample_count * 99 / 100] : 0;
  printf("{\"answers\":%zu,\"seconds\":%.3f,\"errors\":%zu,\"goodTotal\":%zu,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"firstError\":\"%s\"}\n",
         sample_count, measure_to - measure_from, errors, good_total, p50, p99, first_error);
  return 0;
}
