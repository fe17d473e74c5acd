/*
 * A closed-loop KMIP load generator in its own process: every connection, kept open over mutual TLS 1.2, sends the same
 * request as soon as the last answer is complete. Every answer is checked: its result status, and bytes that it must hold.
 *
 * usage: kmip-load <IPv4> <port> <connections> <warm-up s> <measured s> <request file> <certificate> <private key> <bytes, hex>
 * Prints one line of JSON: answers and errors of the measured time, all good answers, latencies in milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 << 10, SAMPLES_MAX = 4000000, HEADER = 8 };

/* The one suite with forward secrecy that all peers know. */
static const char suite[] = "ECDHE-ECDSA-AES256-GCM-SHA384";
/* Result Status Success (KMIP 1.4, section 9.1.3.2.23). */
static const unsigned char success[] = {0x42, 0, 0x7f, 5, 0, 0, 0, 4, 0, 0, 0, 0};

struct connection {
  int fd;
  SSL *tls;
  size_t got;
  double began;
  int is_idle;
  unsigned char answer[ANSWER_MAX];
};

static unsigned char *request, wanted[256];
static size_t request_bytes, wanted_bytes;
static int poll_fd;
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
  ERR_print_errors_fp(stderr);
  exit(1);
}

static void fault(const char *what) {
  errors++;
  if (first_error[0] == 0) snprintf(first_error, sizeof first_error, "%s", what);
}

static void start_request(struct connection *c) {
  c->got = 0;
  c->began = now();
  c->is_idle = c->began >= measure_to;
  /* A request is smaller than what a socket takes at once. */
  if (!c->is_idle && SSL_write(c->tls, request, (int)request_bytes) != (int)request_bytes) die("SSL_write");
}

static void take_answer(struct connection *c, size_t end) {
  double at = now();
  if (memmem(c->answer, end, success, sizeof success) == NULL) fault("an answer is no success");
  else if (memmem(c->answer, end, wanted, wanted_bytes) == NULL) fault("an answer does not hold what was asked for");
  else {
    good_total++;
    if (at >= measure_from && at < measure_to && sample_count < SAMPLES_MAX)
      samples[sample_count++] = (float)((at - c->began) * 1e3);
  }
}

static void read_some(struct connection *c) {
  while (!c->is_idle) {
    int n = SSL_read(c->tls, c->answer + c->got, (int)(ANSWER_MAX - c->got));
    if (n <= 0) {
      if (SSL_get_error(c->tls, n) == SSL_ERROR_WANT_READ) return;
      fault("the server closed a connection");
      c->is_idle = 1;
      epoll_ctl(poll_fd, EPOLL_CTL_DEL, c->fd, NULL);
      return;
    }
    c->got += (size_t)n;
    if (c->got < HEADER) continue;
    uint32_t length;
    memcpy(&length, c->answer + 4, 4);
    size_t end = HEADER + ntohl(length);
    if (end > ANSWER_MAX) die("an answer is too long");
    if (c->got < end) continue;
    take_answer(c, end);
    start_request(c);
  }
}

static void open_connection(struct connection *c, SSL_CTX *context, struct sockaddr_in *server) {
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)server, sizeof *server) < 0) die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->tls = SSL_new(context);
  if (c->tls == NULL || SSL_set_fd(c->tls, c->fd) != 1 || SSL_connect(c->tls) != 1) die("SSL_connect");
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) die("epoll_ctl");
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

int main(int count, char **words) {
  if (count != 10) return fprintf(stderr, "usage: kmip-load ip port connections warm-up measured file cert key hex\n"), 2;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[2]))};
  if (inet_pton(AF_INET, words[1], &server.sin_addr) != 1) return 2;
  int connections = atoi(words[3]);
  FILE *file = fopen(words[6], "rb");
  if (file == NULL) die(words[6]);
  request = malloc(ANSWER_MAX);
  request_bytes = fread(request, 1, ANSWER_MAX, file);
  fclose(file);
  for (const char *hex = words[9]; hex[0] != 0 && hex[1] != 0 && wanted_bytes < sizeof wanted; hex += 2)
    sscanf(hex, "%2hhx", &wanted[wanted_bytes++]);
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (context == NULL || SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context, suite) != 1 || SSL_CTX_use_certificate_chain_file(context, words[7]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, words[8], SSL_FILETYPE_PEM) != 1)
    die("TLS");
  samples = malloc(SAMPLES_MAX * sizeof *samples);
  poll_fd = epoll_create1(0);
  struct connection *all = calloc((size_t)connections, sizeof *all);
  for (int i = 0; i < connections; i++) open_connection(&all[i], context, &server);
  measure_from = now() + atof(words[4]);
  measure_to = measure_from + atof(words[5]);
  for (int i = 0; i < connections; i++) start_request(&all[i]);
  struct epoll_event events[256];
  for (;;) {
    int ready = epoll_wait(poll_fd, events, 256, 200);
    for (int i = 0; i < ready; i++) read_some(events[i].data.ptr);
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
