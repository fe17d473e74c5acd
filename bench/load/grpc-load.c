/*
 * A closed-loop generator of unary gRPC calls in its own process: connections over TLS 1.3 with several HTTP/2 streams each;
 * every stream that ends is followed by the same call on a new one. Every answer is checked: its HTTP status, the status of
 * gRPC, its length, and bytes that it must begin with.
 *
 * usage: grpc-load <IPv4> <port> <connections> <streams> <warm-up s> <measured s> <request file> <path> <token> <bytes> <hex>
 * The file holds a message without gRPC's prefix; the token may be empty; an answer has so many bytes and begins with hex.
 * Prints one line of JSON: answers and errors of the measured time, all good answers, latencies in milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MAX = 64 << 10, SAMPLES_MAX = 4000000, READ_MAX = 64 << 10, PIECE_MAX = 64 << 10, PREFIX = 5, WINDOW = 16 << 20 };

struct connection {
  int fd, busy;
  SSL *tls;
  nghttp2_session *session;
};

/* One call: its stream's. */
struct call {
  struct connection *connection;
  double began;
  size_t sent, got;
  int http_ok, grpc_ok, begins_ok;
  char message[120];
};

static unsigned char request[MESSAGE_MAX], wanted[MESSAGE_MAX];
static size_t request_bytes, wanted_bytes, answer_bytes;
static nghttp2_nv headers[10];
static size_t header_count;
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

static void fault(const char *what, const char *detail) {
  errors++;
  if (first_error[0] != 0) return;
  snprintf(first_error, sizeof first_error, "%s %s", what, detail);
  for (char *c = first_error; *c != 0; c++)
    if (*c == '"' || *c == '\\' || (unsigned char)*c < 32) *c = ' ';
}

static void add_header(const char *name, const char *value) {
  nghttp2_nv header = {(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
  headers[header_count++] = header;
}

static ssize_t give_request(nghttp2_session *session, int32_t id, uint8_t *out, size_t room, uint32_t *flags,
                            nghttp2_data_source *source, void *user) {
  struct call *call = source->ptr;
  size_t bytes = request_bytes - call->sent;
  if (bytes > room) bytes = room;
  memcpy(out, request + call->sent, bytes);
  call->sent += bytes;
  if (call->sent == request_bytes) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return (ssize_t)bytes;
}

static void start_call(struct connection *c, struct call *call) {
  memset(call, 0, sizeof *call);
  call->connection = c;
  call->began = now();
  if (call->began >= measure_to) return;
  nghttp2_data_provider body = {.source.ptr = call, .read_callback = give_request};
  if (nghttp2_submit_request(c->session, NULL, headers, header_count, &body, call) < 0) die("nghttp2_submit_request");
  c->busy++;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_bytes,
                     const uint8_t *value, size_t value_bytes, uint8_t flags, void *user) {
  struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (call == NULL) return 0;
  if (strcmp((const char *)name, ":status") == 0) call->http_ok = strcmp((const char *)value, "200") == 0;
  if (strcmp((const char *)name, "grpc-status") == 0) call->grpc_ok = strcmp((const char *)value, "0") == 0;
  if (strcmp((const char *)name, "grpc-message") == 0)
    snprintf(call->message, sizeof call->message, "%s", (const char *)value);
  return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t bytes, void *user) {
  struct call *call = nghttp2_session_get_stream_user_data(session, id);
  if (call == NULL) return 0;
  if (call->got == 0) call->begins_ok = 1;
  if (call->got < wanted_bytes) {
    size_t both = wanted_bytes - call->got < bytes ? wanted_bytes - call->got : bytes;
    call->begins_ok &= memcmp(data, wanted + call->got, both) == 0;
  }
  call->got += bytes;
  return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error, void *user) {
  struct call *call = nghttp2_session_get_stream_user_data(session, id);
  if (call == NULL) return 0;
  double at = now();
  if (error != 0 || !call->http_ok || !call->grpc_ok) fault("a call failed:", call->message);
  else if (call->got != answer_bytes || !call->begins_ok) fault("an answer is not what was asked for", "");
  else {
    good_total++;
    if (at >= measure_from && at < measure_to && sample_count < SAMPLES_MAX)
      samples[sample_count++] = (float)((at - call->began) * 1e3);
  }
  call->connection->busy--;
  start_call(call->connection, call);
  return 0;
}

/* What a socket does not take yet is waited for: the calls under way are few, and the server reads. */
static void write_piece(struct connection *c, const unsigned char *piece, size_t bytes) {
  int n;
  while (bytes > 0 && (n = SSL_write(c->tls, piece, (int)bytes)) <= 0) {
    struct pollfd wait = {.fd = c->fd, .events = POLLOUT};
    if (SSL_get_error(c->tls, n) != SSL_ERROR_WANT_WRITE) die("SSL_write");
    poll(&wait, 1, 1000);
  }
}

static void write_all(struct connection *c) {
  static unsigned char piece[PIECE_MAX];
  size_t gathered = 0;
  for (;;) {
    const uint8_t *bytes;
    ssize_t count = nghttp2_session_mem_send(c->session, &bytes);
    if (count < 0 || count > PIECE_MAX) die("nghttp2_session_mem_send");
    if (count == 0 || gathered + (size_t)count > PIECE_MAX) write_piece(c, piece, gathered), gathered = 0;
    if (count == 0) return;
    memcpy(piece + gathered, bytes, (size_t)count);
    gathered += (size_t)count;
  }
}

static void read_some(struct connection *c) {
  static unsigned char bytes[READ_MAX];
  for (;;) {
    int n = SSL_read(c->tls, bytes, sizeof bytes);
    if (n <= 0) {
      if (SSL_get_error(c->tls, n) != SSL_ERROR_WANT_READ) fault("the server closed a connection", ""), c->busy = 0, close(c->fd);
      break;
    }
    if (nghttp2_session_mem_recv(c->session, bytes, (size_t)n) < 0) die("nghttp2_session_mem_recv");
  }
  if (c->busy > 0 || now() < measure_to) write_all(c);
}

static void open_connection(struct connection *c, SSL_CTX *context, struct sockaddr_in *server, int poll_fd) {
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)server, sizeof *server) < 0) die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->tls = SSL_new(context);
  if (c->tls == NULL || SSL_set_fd(c->tls, c->fd) != 1 || SSL_set_tlsext_host_name(c->tls, "localhost") != 1 ||
      SSL_connect(c->tls) != 1)
    die("SSL_connect");
  SSL_set_mode(c->tls, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  nghttp2_session_callbacks *callbacks;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  nghttp2_session_client_new(&c->session, callbacks, c);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW};
  if (nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, &window, 1) != 0 ||
      nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE, 0, WINDOW) != 0)
    die("nghttp2");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) die("epoll_ctl");
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void read_request(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) die(name);
  size_t bytes = fread(request + PREFIX, 1, MESSAGE_MAX - PREFIX, file);
  fclose(file);
  uint32_t length = htonl((uint32_t)bytes);
  memcpy(request + 1, &length, sizeof length);
  request_bytes = bytes + PREFIX;
}

/* The prefix of an answer is known by its length. */
static void read_wanted(size_t bytes, const char *hex) {
  uint32_t length = htonl((uint32_t)bytes);
  memcpy(wanted + 1, &length, sizeof length);
  wanted_bytes = PREFIX;
  answer_bytes = bytes + PREFIX;
  for (; hex[0] != 0 && hex[1] != 0 && wanted_bytes < sizeof wanted; hex += 2) sscanf(hex, "%2hhx", &wanted[wanted_bytes++]);
}

int main(int count, char **words) {
  if (count != 12)
    return fprintf(stderr, "usage: grpc-load ip port connections streams warm-up measured file path token bytes hex\n"), 2;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[2]))};
  if (inet_pton(AF_INET, words[1], &server.sin_addr) != 1) return 2;
  int connections = atoi(words[3]), streams = atoi(words[4]);
  read_request(words[7]);
  read_wanted((size_t)atoi(words[10]), words[11]);
  char authority[64], authorization[8192];
  snprintf(authority, sizeof authority, "localhost:%s", words[2]);
  snprintf(authorization, sizeof authorization, "Bearer %s", words[9]);
  add_header(":method", "POST");
  add_header(":scheme", "https");
  add_header(":path", words[8]);
  add_header(":authority", authority);
  add_header("te", "trailers");
  add_header("content-type", "application/grpc");
  add_header("user-agent", "keywitness-bench");
  if (words[9][0] != 0) add_header("authorization", authorization);
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") != 1 ||
      SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\x02h2", 3) != 0)
    die("TLS");
  samples = malloc(SAMPLES_MAX * sizeof *samples);
  int poll_fd = epoll_create1(0);
  struct connection *all = calloc((size_t)connections, sizeof *all);
  struct call *calls = calloc((size_t)(connections * streams), sizeof *calls);
  for (int i = 0; i < connections; i++) open_connection(&all[i], context, &server, poll_fd);
  measure_from = now() + atof(words[5]);
  measure_to = measure_from + atof(words[6]);
  for (int i = 0; i < connections; i++) {
    for (int j = 0; j < streams; j++) start_call(&all[i], &calls[i * streams + j]);
    write_all(&all[i]);
  }
  struct epoll_event events[64];
  for (;;) {
    int ready = epoll_wait(poll_fd, events, 64, 200);
    for (int i = 0; i < ready; i++) read_some(events[i].data.ptr);
    /* Answers under way are waited for, so that they can be counted against the events of the trail. */
    double at = now();
    int busy = 0;
    for (int i = 0; i < connections; i++) busy += all[i].busy;
    if (at >= measure_to && (busy == 0 || at > measure_to + 10)) break;
  }
  qsort(samples, sample_count, sizeof *samples, by_value);
  double p50 = sample_count ? samples[sample_count / 2] : 0, p99 = sample_count ? samples[sample_count * 99 / 100] : 0;
  printf("{\"answers\":%zu,\"seconds\":%.3f,\"errors\":%zu,\"goodTotal\":%zu,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"firstError\":\"%s\"}\n",
         sample_count, measure_to - measure_from, errors, good_total, p50, p99, first_error);
  return 0;
}
